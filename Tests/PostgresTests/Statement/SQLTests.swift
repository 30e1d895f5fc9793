import Postgres
import Testing

@Suite struct SQLTests {
    @Test func valuesBecomePlaceholders() {
        let sql: SQL = "SELECT \(1), \("two"), \(Double?.none)"
        #expect(sql.text == "SELECT $1, $2, $3")
    }

    @Test func fragmentsAreRenumbered() {
        let condition: SQL = "a = \(1) AND b = \(2)"
        let sql: SQL = "SELECT \(0) WHERE \(condition) OR \(condition)"
        #expect(sql.text == "SELECT $1 WHERE a = $2 AND b = $3 OR a = $4 AND b = $5")
    }

    @Test func moreThanNinePlaceholdersAreRenumberedToo() {
        let ten: SQL = "\(1)\(2)\(3)\(4)\(5)\(6)\(7)\(8)\(9), \(10)"
        let sql: SQL = "\(0), \(ten)"
        #expect(sql.text == "$1, $2$3$4$5$6$7$8$9$10, $11")
    }

    @Test func identifiersAreQuoted() {
        let sql: SQL = "SELECT \(identifier: "a\"b"), \(identifier: "\"")"
        #expect(sql.text == #"SELECT "a""b", """""#)
    }

    @Test func onlyALabelSplices() {
        let sql: SQL = "SELECT \(unsafeRaw: "now()")"
        #expect(sql.text == "SELECT now()")
    }
}
