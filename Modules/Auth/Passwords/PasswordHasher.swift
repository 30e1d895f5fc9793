import Crypto
import CryptoExtras
import Domain
import FoundationEssentials
import NIOPosix
import Synchronization

/// Hashes passwords with scrypt on threads of its own, so that the cooperative pool never waits for one.
package final class PasswordHasher: Sendable {
    private let threads: NIOThreadPool
    private let capacity: Int
    private let waiting = Atomic(0)
    private let parameters: ScryptParameters

    /// - Parameters:
    ///   - threads: how many hash at once; each takes 32 MiB while it does.
    ///   - queue: how many may wait beside them; past it hashing is refused with 503.
    package convenience init(threads: Int, queue: Int) { self.init(threads: threads, queue: queue, parameters: .standard) }

    init(threads: Int, queue: Int, parameters: ScryptParameters) {
        self.threads = NIOThreadPool(numberOfThreads: threads)
        self.threads.start()
        capacity = threads + queue
        self.parameters = parameters
    }

    /// Ends the threads when what they do is done.
    package func shutDown() async { try? await threads.shutdownGracefully() }

    /// A PHC string of `password` under a new salt. Throws ``Refusal/unavailable(_:)`` when too many wait.
    package func hash(_ password: String) async throws -> String {
        let salt = (0..<16).map { _ in UInt8.random(in: 0...255) }
        let parameters = parameters
        return try await run {
            PHCString(parameters: parameters, salt: salt, hash: try Self.scrypt(password, salt, parameters, 32).bytes32()).text
        }
    }

    /// Whether `stored` is a hash of `password`. nil does the work of one comparison and answers no: an account that doesn't exist
    /// takes as long as one that does.
    package func verify(_ password: String, _ stored: String?) async throws -> Bool {
        let parsed = stored.flatMap(PHCString.init)
        let target = parsed ?? PHCString(parameters: parameters, salt: Array(repeating: 0, count: 16), hash: Array(repeating: 0, count: 32))
        return try await run {
            // Keys are compared in constant time.
            let isSame = try Self.scrypt(password, target.salt, target.parameters, target.hash.count) == SymmetricKey(data: target.hash)
            return isSame && parsed != nil
        }
    }

    /// Whether `stored` was made with less work than is usual now; so it is made anew when the password is at hand.
    package func isOutdated(_ stored: String) -> Bool { PHCString(stored).map { $0.parameters.work < parameters.work } ?? true }

    private func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        guard waiting.add(1, ordering: .relaxed).newValue <= capacity else {
            waiting.subtract(1, ordering: .relaxed)
            throw Refusal.unavailable("too many passwords wait for hashing")
        }
        defer { waiting.subtract(1, ordering: .relaxed) }
        return try await threads.runIfActive(body)
    }

    static func scrypt(_ password: String, _ salt: [UInt8], _ parameters: ScryptParameters, _ length: Int) throws -> SymmetricKey {
        try KDF.Scrypt.deriveKey(
            from: Array(password.utf8), salt: salt, outputByteCount: length, rounds: 1 << parameters.logN, blockSize: parameters.blockSize,
            parallelism: parameters.parallelism, maxMemory: 256 << 20)
    }
}

extension SymmetricKey {
    /// The key's 32 bytes. The library lends a key's bytes through a raw pointer only; a key of this size is also an X25519
    /// private key, whose raw form is the very bytes (RFC 7748 §5), and that can be asked for safely.
    fileprivate func bytes32() throws -> [UInt8] { Array(try Curve25519.KeyAgreement.PrivateKey(rawRepresentation: self).rawRepresentation) }
}
