-- Sends the lines of a file as bearer credentials, in turn:  wrk -t1 … -s bearer.lua URL -- FILE REQUESTS SECONDS
-- Ends after so many requests or seconds, when all that was asked was answered. Prints a line of JSON: what was sent, and for each
-- status how many answers had it and when (seconds since 1970) the first and the last of them came.
local ffi = require("ffi")
ffi.cdef [[
    typedef struct { long seconds, microseconds; } moment;
    int gettimeofday(moment *now, void *zone);
]]
local moment = ffi.new("moment")

local function now()
    ffi.C.gettimeofday(moment, nil)
    return tonumber(moment.seconds) + tonumber(moment.microseconds) / 1e6
end

local requests, limit, deadline = {}, 0, 0
-- wrk asks for one request that it doesn't send, to see what it is like.
local sent, received, counts, first, last = -1, 0, {}, {}, {}
local start

function init(arguments)
    for line in io.lines(arguments[1]) do
        requests[#requests + 1] = wrk.format("GET", nil, { Host = wrk.headers["Host"], Authorization = "Bearer " .. line })
    end
    start, limit = now(), tonumber(arguments[2])
    deadline = start + tonumber(arguments[3])
end

local function isOver() return sent >= limit or now() >= deadline end

-- Milliseconds until a connection's next request: in the end none sends any more.
function delay() return isOver() and 600000 or 0 end

function request()
    sent = sent + 1
    return requests[(sent - 1) % #requests + 1]
end

local function report()
    local statuses = {}
    for status, number in pairs(counts) do
        statuses[#statuses + 1] = string.format('"%s":{"count":%d,"first":%.6f,"last":%.6f}', status, number, first[status], last[status])
    end
    print(string.format('{"sent":%d,"seconds":%.3f,"statuses":{%s}}', sent, now() - start, table.concat(statuses, ",")))
end

function response(status)
    local time, key = now(), tostring(status)
    received = received + 1
    counts[key] = (counts[key] or 0) + 1
    first[key] = first[key] or time
    last[key] = time
    if received == sent and isOver() then
        report()
        -- wrk itself would wait for the end of its own duration.
        os.exit(0)
    end
end
