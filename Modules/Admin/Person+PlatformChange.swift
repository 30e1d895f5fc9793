import Domain
import FoundationEssentials

extension Person {
    /// The time of a change that this person makes to the platform. Throws ``Refusal`` unless they are one of its administrators, at a fresh
    /// session.
    func timeOfPlatformChange(_ now: Now) throws(Refusal) -> Date {
        try requirePlatformAdmin()
        let time = now().microseconds
        try requireFresh(at: time)
        return time
    }
}
