import Redis

/// ``GCRA`` where nodes meet: one script takes what a request asks of all its limits, or nothing of any. Its clock is the server's.
///
/// A key's value is its arrival time in whole microseconds since 1970, below 2^53, so Lua's numbers hold it exactly.
///
/// Units for later are spent within `lifetime`. So that this admits no more in *any* span of time than one count would, the arrival time behind them is
/// at least what it would be if they were all spent at the latest moment: `start` is no less than `now + lifetime`. Where the key is that
/// much used anyway, that costs nothing. Where it isn't, it costs what comes back meanwhile, so `mayPay` says whether it is worth it, and
/// half of the limit must stay. Never more than a quarter of what is left goes to one node.
///
/// A value is no further ahead than where the limit is used up: neither a limit that was raised nor a clock that was set back locks anybody out.
enum LimitScript {
    static let script = RedisScript(
        """
        local time = redis.call('TIME')
        local now = time[1] * 1000000 + time[2]
        local refused = 0
        local arrivals, nexts = {}, {}
        for i = 1, #KEYS do
            local at = (i - 1) * 6
            local interval, tolerance = tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
            local arrival = math.max(tonumber(redis.call('GET', KEYS[i]) or 0) or 0, 0)
            if not (arrival <= now + tolerance) then
                arrival = now + tolerance
                redis.call('SET', KEYS[i], string.format('%.0f', arrival), 'PX', string.format('%.0f', math.ceil(tolerance / 1000)))
            end
            local next = math.max(arrival, now) + interval
            arrivals[i] = arrival
            if next <= now + tolerance then
                nexts[i] = next
            elseif ARGV[at + 3] == '0' and refused == 0 then
                refused = i
            end
        end
        local reply = { now, refused }
        for i = 1, #KEYS do
            local at = (i - 1) * 6
            local interval, tolerance = tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
            local units = 0
            local next = nexts[i]
            if refused > 0 then
                next = arrivals[i]
            elseif not next then
                next, units = arrivals[i], -1
            else
                local wanted, lifetime = tonumber(ARGV[at + 4]), tonumber(ARGV[at + 5])
                if wanted > 0 then
                    local start, latest = next, now + tolerance
                    if start < now + lifetime then
                        start, latest = now + lifetime, now + math.floor(tolerance / 2)
                        if ARGV[at + 6] == '0' then wanted = 0 end
                    end
                    local share = math.floor((now + tolerance - start) / interval / 4)
                    units = math.max(0, math.min(wanted, share, math.floor((latest - start) / interval)))
                    if units > 0 then next = start + units * interval end
                end
                redis.call('SET', KEYS[i], string.format('%.0f', next), 'PX', string.format('%.0f', math.ceil((next - now) / 1000)))
            end
            reply[#reply + 1] = next
            reply[#reply + 1] = units
        end
        return reply
        """)

    /// The braces keep all keys on one shard of a cluster: a script's keys must be.
    static func name(_ key: LimitKey) -> String {
        switch key.subject {
        case .words(let high, let low): "{tessera-limits}:\(key.kind.rawValue):\(String(high, radix: 16)):\(String(low, radix: 16))"
        case .text(let text): "{tessera-limits}:\(key.kind.rawValue):\(text)"
        }
    }

    static func arguments(_ ask: LimitAsk) -> [String] {
        [
            "\(ask.pace.interval)", "\(ask.pace.tolerance)", ask.isShadow ? "1" : "0", "\(ask.wanted)", "\(ask.lifetime)", ask.mayPay ? "1" : "0",
        ]
    }

    /// Throws ``RedisError/unintelligible`` for what the script doesn't answer.
    static func answer(_ value: RESPValue, to count: Int) throws(RedisError) -> LimitAnswer {
        guard let numbers = value.integers, numbers.count == 2 + 2 * count, numbers[0] > 0, (0...Int64(count)).contains(numbers[1]) else {
            throw .unintelligible
        }
        var grants: [LimitAnswer.Grant] = []
        for index in 0..<count {
            let (arrival, units) = (numbers[2 + 2 * index], numbers[3 + 2 * index])
            guard arrival >= 0, units >= -1 else { throw .unintelligible }
            grants.append(.init(arrival: UInt64(arrival), units: Int(max(0, units)), isShadowed: units < 0))
        }
        return LimitAnswer(now: UInt64(numbers[0]), refused: numbers[1] == 0 ? nil : Int(numbers[1]) - 1, grants: grants)
    }
}

/// The count on a Redis or Valkey.
struct RedisLimitStore: LimitStore {
    let client: RedisClient

    func take(_ asks: [LimitAsk]) async throws -> LimitAnswer {
        let answer = try await client.evaluate(
            LimitScript.script, keys: asks.map { LimitScript.name($0.key) }, arguments: asks.flatMap(LimitScript.arguments))
        return try LimitScript.answer(answer, to: asks.count)
    }
}
