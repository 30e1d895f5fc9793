/// Takes out of a line what looks like a secret: the second wall, behind the care of whoever logs.
enum Redaction {
    static func clean(_ line: String) -> String {
        var line = line
        if line.contains("ts") { line.replace(/ts[rsfd]_[0-9A-Za-z]{20,}[0-9A-Za-z_]*/, with: "[redacted]") }
        if line.contains("eyJ") { line.replace(/eyJ[0-9A-Za-z_-]+\.[0-9A-Za-z_-]+\.[0-9A-Za-z_-]*/, with: "[redacted]") }
        if line.contains("://") { line.replace(/:\/\/([^:@\/\s"]*):[^@\s"]*@/, with: "://[redacted]@") }
        if line.contains("assword=") { line.replace(/([Pp]assword=)[^\s&"]+/, with: "password=[redacted]") }
        return line
    }
}
