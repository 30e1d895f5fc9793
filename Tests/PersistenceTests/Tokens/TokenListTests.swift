import Domain
import FoundationEssentials
import Testing

/// Pages of tokens: which ones, in what order, and how many there are.
@Suite(.ownDatabase) struct TokenListTests {
    private let stores: Stores

    init() throws { stores = try .required() }

    @Test(arguments: [TokenFilter.Order.newestFirst, .oldestFirst])
    func numberedPagesAndCursorShowEveryTokenOnceInOrder(order: TokenFilter.Order) async throws {
        let ada = try await stores.register()
        // Three of each instant: the id decides among them.
        for index in 0..<21 { _ = try await stores.token(of: ada, createdAt: Moment.after(Double(index / 3))) }
        let all = try await page(ada, TokenFilter(order: order), .number(1), limit: 100).items
        #expect(all.count == 21)
        let keys = all.map { ($0.createdAt, $0.id) }
        #expect(keys.elementsEqual(keys.sorted(by: order == .newestFirst ? (>) : (<)), by: ==))

        var numbered: [TokenID] = []
        for number in 1...6 {
            let page = try await page(ada, TokenFilter(order: order), .number(number), limit: 4)
            #expect(page.total == 21)
            #expect((page.next == nil) == (number == 6))
            numbered += page.items.map(\.id)
        }
        #expect(numbered == all.map(\.id))

        var walked: [TokenID] = []
        var position = PageRequest.Position.number(1)
        while true {
            let page = try await page(ada, TokenFilter(order: order), position, limit: 5)
            if case .after = position { #expect(page.total == nil) }
            walked += page.items.map(\.id)
            guard let next = page.next else { break }
            position = .after(next)
        }
        #expect(walked == all.map(\.id))
    }

    @Test func beyondTheLastPageIsEmptyWithTheTotal() async throws {
        let ada = try await stores.register()
        _ = try await stores.token(of: ada)
        let page = try await page(ada, TokenFilter(), .number(9), limit: 25)
        #expect(page.items.isEmpty)
        #expect(page.total == 1)
        #expect(page.next == nil)
    }

    /// The filter in SQL and the status in `Domain` are the same rule.
    @Test func eachStatusListsExactlyTheTokensThatHaveIt() async throws {
        let ada = try await stores.register()
        var made: [APIToken] = []
        for expiry in [nil, Moment.after(1), Moment.now, Moment.ago(1)] {
            for isActive in [true, false] {
                for isRevoked in [true, false] {
                    let token = try await stores.token(of: ada, isActive: isActive, expiresAt: expiry)
                    if isRevoked {
                        _ = try await stores.tokens.revoke(token.id, in: ada.tenantID, by: .owner(ada), reason: nil, at: Moment.now)
                    }
                    made.append(try #require(try await stores.reread(token)))
                }
            }
        }
        for status in APIToken.Status.allCases {
            let listed = try await page(ada, TokenFilter(status: status), .number(1), limit: 100)
            #expect(Set(listed.items.map(\.id)) == Set(made.filter { $0.status(at: Moment.now) == status }.map(\.id)))
            #expect(listed.total == listed.items.count)
            #expect(!listed.items.isEmpty)
        }
    }

    @Test func deletedTokensAreInNoList() async throws {
        let ada = try await stores.register()
        let (kept, gone) = (try await stores.token(of: ada), try await stores.token(of: ada))
        #expect(try await stores.tokens.delete(gone.id, in: ada.tenantID, by: .owner(ada), at: Moment.now))
        let all = try await page(ada, TokenFilter(), .number(1), limit: 100)
        #expect(all.items.map(\.id) == [kept.id])
        #expect(all.total == 1)
        #expect(try await page(ada, TokenFilter(status: .revoked), .number(1), limit: 100).items.isEmpty)
    }

    @Test(arguments: [
        ("100%", ["100% mine"]), ("_", ["a_b"]), ("\\", ["back\\slash"]), ("%", ["100% mine"]), ("A_B", ["a_b"]), ("MINE", ["100% mine"]),
        ("tsr_4fK9", ["100% mine", "a_b", "back\\slash", "plain"]), ("nothing", []),
    ])
    func searchTakesEveryCharacterAsItself(search: String, found: [String]) async throws {
        let ada = try await stores.register()
        for name in ["100% mine", "a_b", "back\\slash", "plain"] { _ = try await stores.token(of: ada, name: name) }
        // The prefix has an underscore too: where it is not what is looked for, look at the names alone.
        let listed = try await page(ada, TokenFilter(search: search), .number(1), limit: 100)
        if search == "_" {
            #expect(listed.items.count == 4)
        } else {
            #expect(listed.items.map(\.name).sorted() == found)
        }
        #expect(listed.total == listed.items.count)
    }

    @Test func anOwnersListShowsTheirsAndTheTenantsListAll() async throws {
        let (ada, bob) = (try await stores.register(), try await stores.register())
        try await stores.join(bob.user, ada.tenantID)
        let bobHere = Account(user: bob.user, tenant: ada.tenant, session: bob.session, refresh: bob.refresh)
        let (hers, his) = (try await stores.token(of: ada), try await stores.token(of: bobHere))
        #expect(try await page(ada, TokenFilter(owner: .user(ada.user.id)), .number(1), limit: 100).items.map(\.id) == [hers.id])
        #expect(try await page(ada, TokenFilter(owner: .user(bob.user.id)), .number(1), limit: 100).items.map(\.id) == [his.id])
        let all = try await page(ada, TokenFilter(), .number(1), limit: 100)
        #expect(Set(all.items.map(\.id)) == [hers.id, his.id])
        #expect(Set(all.items.map(\.owner.name)) == [ada.user.name, bob.user.name])
    }

    private func page(
        _ account: Account, _ filter: TokenFilter, _ position: PageRequest.Position, limit: Int
    ) async throws -> Page<APIToken> {
        try await stores.tokens.tokens(
            in: account.tenantID, filter, PageRequest(position, limit: limit), countingRequests: false, at: Moment.now
        ).page
    }
}
