import Domain
import Foundation
import Testing

/// Killed before the tenant's own before the percentage before the default.
@Suite struct FeatureFlagTests {
    private let tenant = TenantID(UUID())

    private func evaluated(_ state: FlagState?, for tenant: TenantID?) -> FlagEvaluation {
        FlagSnapshot(states: state.map { [.apiTokens: $0] } ?? [:], revision: 1).evaluation(of: .apiTokens, for: tenant)
    }

    @Test func theFirstRuleThatHasASayDecides() {
        for defaultEnabled in [true, false] {
            for percent in [0, 100] {
                for own in [true, false, nil] {
                    for killed in [true, false] {
                        let overrides = own.map { [tenant: $0] } ?? [:]
                        let state = FlagState(defaultEnabled: defaultEnabled, killed: killed, rolloutPercent: percent, overrides: overrides)
                        let expected: FlagEvaluation =
                            if killed {
                                FlagEvaluation(isEnabled: false, reason: .killed)
                            } else if let own {
                                FlagEvaluation(isEnabled: own, reason: .tenantOverride)
                            } else if percent == 100 {
                                FlagEvaluation(isEnabled: true, reason: .percentage)
                            } else {
                                FlagEvaluation(isEnabled: defaultEnabled, reason: .default)
                            }
                        #expect(evaluated(state, for: tenant) == expected, "\(state)")
                    }
                }
            }
        }
    }

    @Test func anotherTenantsOverrideConcernsNobodyElse() {
        let state = FlagState(defaultEnabled: true, overrides: [tenant: false])
        #expect(!evaluated(state, for: tenant).isEnabled)
        #expect(evaluated(state, for: TenantID(UUID())) == FlagEvaluation(isEnabled: true, reason: .default))
    }

    @Test func whoIsInNoTenantHasTheDefaultUnlessItIsKilled() {
        let everywhere = FlagState(defaultEnabled: false, rolloutPercent: 100, overrides: [tenant: true])
        #expect(evaluated(everywhere, for: nil) == FlagEvaluation(isEnabled: false, reason: .default))
        #expect(evaluated(FlagState(defaultEnabled: true, killed: true), for: nil) == FlagEvaluation(isEnabled: false, reason: .killed))
    }

    @Test func whatNobodyHasSetIsAsTheCodeSays() {
        for flag in FeatureFlag.allCases {
            #expect(FlagSnapshot.builtIn.evaluation(of: flag, for: tenant) == FlagEvaluation(isEnabled: flag.builtIn, reason: .builtIn))
        }
        #expect(FeatureFlag.apiTokens.builtIn)
    }

    @Test func aFeatureThatIsOffIsRefusedByName() {
        #expect(throws: Never.self) { try FlagSnapshot.builtIn.require(.apiTokens, in: tenant) }
        let off = FlagSnapshot(states: [.apiTokens: FlagState(defaultEnabled: false)], revision: 1)
        let refusal = #expect(throws: Refusal.self) { try off.require(.apiTokens, in: tenant) }
        #expect(refusal?.code == .featureDisabled)
        #expect(refusal?.detail.contains("api-tokens") == true)
    }
}

/// Which tenants have a feature by percentage is the same everywhere, and fair.
@Suite struct FlagBucketTests {
    /// Random, but the same in every run (SplitMix64).
    private static func tenants(_ count: Int, from seed: UInt64 = 1) -> [TenantID] {
        var state = seed
        func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
            return z ^ z >> 31
        }
        return (0..<count).compactMap { _ in
            let (a, b) = (next(), next())
            let bytes = (0..<8).map { UInt8(truncatingIfNeeded: a >> ($0 * 8)) } + (0..<8).map { UInt8(truncatingIfNeeded: b >> ($0 * 8)) }
            return UUID(bytes: bytes).map { TenantID($0) }
        }
    }

    /// Were one of these another, tenants would lose what they have had.
    @Test(arguments: [
        ("00000000-0000-0000-0000-000000000000", 4436), ("01890a5d-ac96-774b-bcce-b302099a8057", 3543),
        ("ffffffff-ffff-ffff-ffff-ffffffffffff", 9086),
    ]) func aTenantIsInTheSameBucketForEver(text: String, bucket: Int) throws {
        let tenant = try #require(TenantID(text))
        #expect(FlagBucket.of("api-tokens", tenant) == bucket)
        #expect(try FlagBucket.of("api-tokens", #require(TenantID(text.uppercased()))) == bucket)
    }

    @Test func tenantsSpreadEvenlyOverTheBuckets() {
        var counts = [Int](repeating: 0, count: 100)
        let tenants = Self.tenants(100_000)
        for tenant in tenants { counts[FlagBucket.of("api-tokens", tenant) / 100] += 1 }
        // χ² with 99 degrees of freedom: above 161 once in ten thousand.
        let chiSquare = counts.reduce(0.0) { $0 + pow(Double($1) - 1000, 2) / 1000 }
        #expect(chiSquare < 161)
        // Ids that were made one behind the other differ in little, and spread as well.
        let ordered = (0..<10_000).map { TenantID(UUID.v7(at: Date(timeIntervalSince1970: 1_790_000_000 + Double($0)))) }
        let low = ordered.filter { FlagBucket.of("api-tokens", $0) < 5_000 }.count
        #expect((4_750...5_250).contains(low))
    }

    @Test func whoHasAFeatureKeepsItWhileThePercentageGrows() {
        let tenants = Self.tenants(2_000, from: 7)
        var having: Set<TenantID> = []
        for percent in 0...100 {
            let state = FlagSnapshot(states: [.apiTokens: FlagState(defaultEnabled: false, rolloutPercent: percent)], revision: 1)
            let now = Set(tenants.filter { state.evaluation(of: .apiTokens, for: $0).isEnabled })
            #expect(having.isSubset(of: now), "\(percent) %")
            #expect(abs(now.count - percent * 20) <= 120, "\(percent) %: \(now.count)")
            having = now
        }
        #expect(having.count == tenants.count)
    }

    @Test func differentFlagsMeetDifferentTenants() {
        let tenants = Self.tenants(10_000, from: 3)
        let both = tenants.filter { FlagBucket.of("api-tokens", $0) < 5_000 && FlagBucket.of("another-flag", $0) < 5_000 }.count
        #expect((2_300...2_700).contains(both))
    }
}
