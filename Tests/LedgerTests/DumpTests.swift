import Governance
import Orchestrator
import Testing

@testable import Ledger

@Suite struct DumpTests {
  @Test("Two ledgers of equal content give equal bytes, in whichever order it came")
  func order() async throws {
    let scopes = (1...4).map { Scope(account: "11111111111\($0)", region: "eu-west-1") }
    func filled(_ order: [Int], _ images: [String]) async throws -> String {
      let ledger = try memoryLedger()
      try await ledger.beginSweep(sweep("s"))
      for position in order {
        let scope = scopes[position]
        let found = images.map { id in
          let forward: [(name: String, value: Document?)] = [("A", 1), ("B", ["x": 1, "y": 2])]
          let attributes = images[0] == "ami-1" ? Document(entries: forward) : Document(entries: forward.reversed())
          return image(id, in: scope, attributes: attributes)
        }
        try await ledger.commit(
          result(found, found.indices.map { verdict(failing, on: $0) }, in: scope), sweep: "s", now: at(0))
      }
      return try await ledger.dump()
    }
    let one = try await filled([0, 1, 2, 3], ["ami-1", "ami-2"])
    let two = try await filled([3, 1, 0, 2], ["ami-2", "ami-1"])
    #expect(one == two)
    #expect(one.split(separator: "\n").count > 30)
  }

  @Test("Every table of the schema is in the dump")
  func tables() async throws {
    let ledger = try memoryLedger()
    let dump = try await ledger.dump()
    let tables = try await ledger.read("test") { database throws(LedgerError) in
      try database.rows("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name") { $0.text(0) }
    }
    for table in tables where table != "contents" {
      #expect(dump.contains("# \(table)\n"), "\(table) is missing")
    }
    #expect(tables.count == 14)
  }
}

@Suite struct CompactDocumentTests {
  static let documents: [Document] = [
    .null, true, false, 0, -1, 1, 127, 128, Document(Int.max), Document(Int.min), 0.5, -0.0, "", "é😀", [], .emptyObject,
    ["a": [1, ["b": .null], [[]]], "": "x", "c": .emptyObject], Document(String(repeating: "x", count: 300)),
  ]

  @Test("A stored document comes back as it was", arguments: documents)
  func roundTrip(document: Document) throws {
    let back = try #require(Document(compactBytes: document.compactBytes))
    #expect(back == document)
    #expect(back.json == document.json)
  }

  @Test("Bytes that are no stored document are refused")
  func broken() {
    let bytes = Self.documents.map(\.compactBytes).max { $0.count < $1.count } ?? []
    for length in 0..<bytes.count { #expect(Document(compactBytes: Array(bytes.prefix(length))) == nil) }
    #expect(Document(compactBytes: bytes + [0]) == nil)
    #expect(Document(compactBytes: [5, 1, 0xFF]) == nil)
    #expect(Document(compactBytes: [6, 2, 5, 1, 0xC3, 5, 1, 0xA9]) == nil, "a character cut in two")
    #expect(Document(compactBytes: [6, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F]) == nil)
    #expect(Document(compactBytes: [7, 1, 3, 2, 0]) == nil)
    #expect(Document(compactBytes: [3] + [UInt8](repeating: 0xFF, count: 11)) == nil)
  }

  @Test("A part of a document is stored without the rest")
  func part() throws {
    let whole: Document = ["a": ["b": "c"], "d": "e"]
    let part = try #require(whole["a"])
    #expect(part.compactBytes == (["b": "c"] as Document).compactBytes)
  }
}
