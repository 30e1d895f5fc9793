import Domain
import Foundation
import Testing

@testable import Auth

/// What is ours reads back; everything else ends without a question to the database.
@Suite struct CredentialFormatTests {
    @Test func mintedTokensReadBack() throws {
        for _ in 0..<500 {
            let (id, tenant) = (TokenID(UUID()), TenantID(UUID()))
            let minted = APITokenMint().mint(id, for: .user(UserID(UUID())), in: tenant)
            let text = minted.plain.reveal()
            #expect(text.utf8.count == 98)
            #expect(text.wholeMatch(of: /tsr_[0-9A-Za-z]{44}_[0-9A-Za-z]{49}/) != nil)
            #expect(minted.prefix == String(text.prefix(12)))
            let parsed = try #require(APITokenFormat.parse(text))
            #expect(parsed.id == id)
            #expect(parsed.tenant == tenant)
            #expect(parsed.hash.matches(minted.hash))
        }
    }

    @Test func everyAlteredCharacterIsNoticed() {
        let text = Array(APITokenMint().mint(TokenID(UUID()), for: .user(UserID(UUID())), in: TenantID(UUID())).plain.reveal().utf8)
        for index in text.indices {
            for replacement in [UInt8(ascii: "0"), UInt8(ascii: "z"), UInt8(ascii: "_"), UInt8(ascii: "-"), 0, 0xFF] where text[index] != replacement
            {
                var altered = text
                altered[index] = replacement
                #expect(APITokenFormat.parse(String(decoding: altered, as: UTF8.self)) == nil)
            }
        }
        for length in [0, 1, 4, 97] { #expect(APITokenFormat.parse(String(decoding: text.prefix(length), as: UTF8.self)) == nil) }
        #expect(APITokenFormat.parse(String(decoding: text + [48], as: UTF8.self)) == nil)
    }

    @Test func digitsPast128BitsAreRefusedWithoutATrap() {
        // 2^128 - 1 is the last that fits, and the next one isn't.
        #expect(Base62.decode(Array("7n42DGM5Tflk9n8mt7Fhc7".utf8)[...]) == UUID(uuidString: "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF"))
        for text in ["7n42DGM5Tflk9n8mt7Fhc8", "zzzzzzzzzzzzzzzzzzzzzz", "7n42DGM5Tflk9n8mt7Fhd0"] {
            #expect(Base62.decode(Array(text.utf8)[...]) == nil, "\(text)")
        }
        let checked = "tsr_" + String(repeating: "z", count: 44) + "_" + String(repeating: "a", count: 43)
        let rechecksummed = checked + String(decoding: Base62.encode(CRC32.checksum(checked.utf8), count: 6), as: UTF8.self)
        #expect(APITokenFormat.parse(rechecksummed) == nil)
    }

    @Test func eachUUIDHasOneSpelling() {
        for _ in 0..<500 {
            let uuid = UUID()
            let text = Base62.encode(uuid)
            #expect(text.count == 22)
            #expect(Base62.decode(text[...]) == uuid)
        }
    }

    @Test func checksumIsTheOneOfZIP() {
        #expect(CRC32.checksum("123456789".utf8) == 0xCBF4_3926)
        #expect(CRC32.checksum("".utf8) == 0)
    }

    @Test func refreshTokensNameTheirPlace() throws {
        let (id, session, user) = (RefreshTokenID(UUID()), SessionID(UUID()), UserID(UUID()))
        let (plain, stored) = try #require(RefreshTokenFormat.mint(id, session: session, user: user, expiresAt: .distantFuture))
        let parsed = try #require(RefreshTokenFormat.parse(plain.reveal()))
        #expect(parsed.id == id && parsed.session == session && parsed.user == user)
        #expect(parsed.hash.matches(stored.hash))
        #expect(APITokenFormat.parse(plain.reveal()) == nil)
    }
}
