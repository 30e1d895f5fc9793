import Testing

@testable import Redis

/// URLs are read as people write them, and what is wrong with one is told without quoting it.
@Suite struct RedisConfigurationTests {
    @Test func everyFormIsRead() throws {
        let plain = try RedisConfiguration(url: "redis://10.0.0.5")
        #expect(plain.endpoint == .host("10.0.0.5", port: 6379))
        #expect(plain.database == 0 && plain.password == nil && plain.security == nil)
        let full = try RedisConfiguration(url: "rediss://app:p%40ss%2Fword@redis.example.com:6380/3")
        #expect(full.endpoint == .host("redis.example.com", port: 6380))
        #expect(full.user == "app" && full.password == "p@ss/word" && full.database == 3)
        #expect(full.security != nil)
        let old = try RedisConfiguration(url: "redis://:secret@[::1]:7000")
        #expect(old.endpoint == .host("::1", port: 7000))
        #expect(old.user == nil && old.password == "secret")
        let socket = try RedisConfiguration(url: "unix:///run/redis/redis.sock?db=2")
        #expect(socket.endpoint == .socket("/run/redis/redis.sock") && socket.database == 2)
    }

    @Test(arguments: [
        "", "localhost:6379", "http://host", "redis://", "redis://host:0", "redis://host/x", "redis://host/-1", "redis://user@host",
        "unix://host/path",
        "unix:relative", "redis://host?ca=/x", "rediss://host?ca=/nowhere/at/all.pem", "redis://host?db=1", "redis://host?x=1",
        "redis://:pass#word@host",
    ]) func otherTextsAreRefusedAndNotQuoted(text: String) {
        #expect { try RedisConfiguration(url: text) } throws: { error in
            !"\(error)".contains("pass#word") && !"\(error)".contains("word@host")
        }
    }
}
