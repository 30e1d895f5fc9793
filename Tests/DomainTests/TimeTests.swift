import Domain
import FoundationEssentials
import Testing

/// Times are read strictly and written one way.
@Suite struct TimeTests {
    @Test(arguments: [
        ("2026-11-21T08:15:30Z", 1_795_248_930.0), ("2026-11-21t08:15:30.250z", 1_795_248_930.25), ("2026-11-21T10:15:30+02:00", 1_795_248_930.0),
        ("1970-01-01T00:00:00Z", 0), ("1969-12-31T23:59:59Z", -1), ("2000-02-29T00:00:00Z", 951_782_400), ("9999-12-31T23:59:59Z", 253_402_300_799),
    ])
    func dateTimesAreRead(text: String, seconds: Double) { #expect(RFC3339.dateTime(text)?.timeIntervalSince1970 == seconds) }

    @Test(arguments: [
        "2026-02-30T00:00:00Z", "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z", "2026-01-01T00:00:00", "2026-01-01 00:00:00Z", "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00+24:00",
        "2026-1-1T00:00:00Z", "0000-01-01T00:00:00Z", "", "2026-01-01", "2026-01-01T00:00:00Zx", "２026-01-01T00:00:00Z",
    ])
    func otherTextsAreNoDateTimes(text: String) { #expect(RFC3339.dateTime(text) == nil) }

    @Test func whatIsWrittenIsReadBack() {
        for _ in 0..<2000 {
            let date = Date(timeIntervalSince1970: (Double.random(in: -2e9...4e9) * 1000).rounded() / 1000)
            let text = RFC3339.format(date)
            #expect(text.utf8.count == 24)
            #expect(abs((RFC3339.dateTime(text) ?? .distantPast).timeIntervalSince(date)) < 0.001)
        }
        #expect(RFC3339.format(Date(timeIntervalSince1970: 1_795_248_930.25)) == "2026-11-21T08:15:30.250Z")
    }

    @Test func idsSortByTheirTime() {
        let ids = (0..<1000).map { UUID.v7(at: Date(timeIntervalSince1970: 1_795_000_000 + Double($0) * 0.001)) }
        #expect(ids == ids.sorted())
        #expect(ids.allSatisfy { $0.uuid.6 >> 4 == 7 && $0.uuid.8 >> 6 == 2 })
        #expect(Set(ids).count == 1000)
    }

    @Test(arguments: ["", "2:00", "02:0", "24:00", "02:60", "02", "02:00:00", "-1:00", "+2:00", "02:00,", ",02:00", "off,02:00", "Off", "٠٢:00"])
    func whatIsNoTimeOfDayIsNoSchedule(_ text: String) { #expect(DailySchedule(text) == nil) }

    @Test func theLatestTimeOfAScheduleIsTodaysOrYesterdays() throws {
        let day = 1_795_046_400.0
        func latest(_ text: String, _ hours: Double) throws -> Double? {
            try #require(DailySchedule(text)).latest(at: Date(timeIntervalSince1970: day + hours * 3600)).map {
                ($0.timeIntervalSince1970 - day) / 3600
            }
        }
        #expect(day.truncatingRemainder(dividingBy: 86_400) == 0)
        #expect(try latest("02:00", 1.99) == -22)
        #expect(try latest("02:00", 2) == 2)
        #expect(try latest("02:00", 23.9) == 2)
        #expect(try latest("14:30, 02:00,02:00", 1) == -9.5)
        #expect(try latest("14:30,02:00", 14.5) == 14.5)
        #expect(try latest("00:00", 0) == 0)
        #expect(try latest("off", 5) == nil)
    }
}
