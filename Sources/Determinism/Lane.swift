/// Where blocking C runs: SQLite, plugin calls. Live: a thread of its own. In a replay: directly, on the one thread.
package protocol Lane: Sendable {
  func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value
}

package struct DirectLane: Lane {
  package init() {}
  package func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try body()
  }
}
