import Domain
import Postgres

extension IPAddress {
    /// As `inet`.
    var inet: InetAddress? { InetAddress(bytes: bytes) }

    init?(_ inet: InetAddress?) {
        guard let inet, let address = IPAddress(bytes: inet.bytes) else { return nil }
        self = address
    }
}
