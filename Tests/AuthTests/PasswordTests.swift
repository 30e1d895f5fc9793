import Crypto
import Domain
import Foundation
import Testing

@testable import Auth

/// Passwords are hashed as written down, off the cooperative pool, and never too many at once.
@Suite struct PasswordTests {
    private let cheap = ScryptParameters(logN: 4, blockSize: 8, parallelism: 1)

    @Test func vectorsOfTheStandardHold() throws {
        // RFC 7914 §12.
        let vector = try PasswordHasher.scrypt("password", Array("NaCl".utf8), ScryptParameters(logN: 10, blockSize: 8, parallelism: 16), 64)
        let expected =
            "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"
        #expect(vector == .init(data: stride(from: 0, to: 128, by: 2).map { UInt8(expected.dropFirst($0).prefix(2), radix: 16) ?? 0 }))
    }

    @Test func rightPasswordVerifiesAndNoOther() async throws {
        let hasher = PasswordHasher(threads: 1, queue: 8)
        let stored = try await hasher.hash("pässwörd 🔑 ")
        #expect(stored.hasPrefix("$scrypt$ln=15,r=8,p=3$"))
        #expect(try await hasher.hash("pässwörd 🔑 ") != stored)
        #expect(try await hasher.verify("pässwörd 🔑 ", stored))
        for wrong in ["pässwörd 🔑", "PÄSSWÖRD 🔑 ", "pa\u{308}sswörd 🔑 ", ""] { #expect(try await !hasher.verify(wrong, stored)) }
        await hasher.shutDown()
    }

    @Test func nobodyIsNeverRight() async throws {
        let hasher = PasswordHasher(threads: 1, queue: 8, parameters: cheap)
        #expect(try await !hasher.verify("", nil))
        #expect(try await !hasher.verify("x", "$scrypt$ln=15,r=8,p=3$broken"))
        #expect(try await !hasher.verify("x", "$argon2id$v=19$m=65536$c2FsdHNhbHQ$aGFzaA"))
        await hasher.shutDown()
    }

    @Test func unknownAccountTakesAsLongAsAWrongPassword() async throws {
        let hasher = PasswordHasher(threads: 1, queue: 8)
        let stored = try await hasher.hash("right")
        func time(_ hash: String?) async throws -> Duration {
            let start = ContinuousClock.now
            _ = try await hasher.verify("wrong", hash)
            return ContinuousClock.now - start
        }
        var ratios: [Double] = []
        for _ in 0..<5 { ratios.append(try await time(stored) / time(nil)) }
        #expect((0.5...2).contains(ratios.sorted()[2]))
        await hasher.shutDown()
    }

    @Test func queueIsBounded() async throws {
        let hasher = PasswordHasher(threads: 1, queue: 2)
        let refused = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    do { _ = try await hasher.hash("x") } catch let refusal as Refusal { return refusal.code == .serviceUnavailable } catch {}
                    return false
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(refused > 0)
        #expect(refused <= 17)
        await hasher.shutDown()
    }

    @Test func costsThatNoOneChoseAreNotSpent() {
        for text in ["ln=30,r=8,p=1", "ln=15,r=999,p=1", "ln=15,r=8,p=99", "ln=15,r=8", "r=8,ln=15,p=3", "ln=-1,r=8,p=1"] {
            #expect(ScryptParameters(text) == nil, "\(text)")
        }
    }

    @Test func policyCountsScalarsAndKeepsThem() {
        #expect(PasswordPolicy.check("1234567")?.code == "too_short")
        #expect(PasswordPolicy.check("x7k2m9q4") == nil)
        for common in ["12345678", "password", "PassWord", "trustno1"] { #expect(PasswordPolicy.check(common)?.code == "too_common") }
        #expect(PasswordPolicy.check(String(repeating: "é", count: 128)) == nil)
        #expect(PasswordPolicy.check(String(repeating: "e\u{301}", count: 65))?.code == "too_long")
    }
}
