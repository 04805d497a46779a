import Governance
import Orchestrator
import Testing

@testable import PluginHost

@Suite struct BatchRecoveryTests {
  private static let checks = Zoo.checks.elements.prefix(2).map { check in
    PluginManifest.Check(
      id: check["id"]?.string ?? "", title: "", severity: .low, remediation: "", resourceTypes: ["ec2:image"],
      attributes: [])
  }
  private static let died = PluginFailure(plugin: "p", code: "PluginCrashed", message: "died")

  /// Runs a batch of 16 through a plugin that falls on some; returns what came out, the attempts, the falls.
  private func run(
    bad: Set<Int>, checks: [PluginManifest.Check] = [checks[0]],
    hint: @escaping (Int) -> (Int?, Bool) = { _ in (nil, false) },
    stopAfter: Int = .max
  ) -> (Result<[String], PluginFailure>, attempts: Int, falls: Int) {
    var attempts = 0
    var falls = 0
    let recovery = BatchRecovery<String>(
      descriptorChecks: Self.checks.map(\.id),
      attempt: { part, checks, _ in
        attempts += 1
        guard let place = part.original.firstIndex(where: bad.contains) else {
          return .success(part.original.flatMap { place in checks.map { "\(place) \($0.id) ok" } })
        }
        let call = PluginCall(
          function: "evaluate", now: testTime, cancellation: CancellationFlag(), resources: part.resources)
        let (resource, isCertain) = hint(place)
        var fault = CallFault(Self.died, resource, of: call, kind: .died)
        fault.isCertain = isCertain
        return .failure(fault)
      },
      missing: { part, checks, _ in checks.map { "\(part.original[0]) \($0.id) gone" } },
      pinned: { _ in
        falls += 1
        return falls > stopAfter ? Self.died : nil
      })
    let images = (0..<16).map { Resource.image("ami-\($0)") }
    let result = recovery.run(
      BatchPart(resources: images, original: Array(0..<16)), checks: checks, limit: .seconds(8))
    return (result, attempts, falls)
  }

  private func gone(_ result: Result<[String], PluginFailure>) throws -> Set<Int> {
    let all = try result.get()
    #expect(all.count == 16)
    return Set(all.filter { $0.hasSuffix("gone") }.compactMap { Int($0.split(separator: " ")[0]) })
  }

  @Test("Certain hints, guesses, wrong guesses and none at all end with the same images")
  func sameEnd() throws {
    let bad: Set<Int> = [0, 5, 6, 15]
    let certain = run(bad: bad, hint: { ($0, true) })
    #expect(try gone(certain.0) == bad)
    #expect(certain.attempts == 5)
    let guessed = run(bad: bad, hint: { ($0, false) })
    #expect(try gone(guessed.0) == bad)
    // One place too late, as of a plugin that works ahead.
    #expect(try gone(run(bad: bad, hint: { (min($0 + 1, 15), false) }).0) == bad)
    let none = run(bad: bad)
    #expect(try gone(none.0) == bad)
    #expect(none.attempts < 40)
  }

  @Test("Nothing falls: one attempt")
  func well() throws {
    let well = run(bad: [])
    #expect(try gone(well.0).isEmpty)
    #expect(well.attempts == 1 && well.falls == 0)
  }

  @Test("When it is too much, it stops")
  func stops() {
    let stopped = run(bad: Set(0..<16), hint: { ($0, true) }, stopAfter: 3)
    #expect(throws: PluginFailure.self) { try stopped.0.get() }
    #expect(stopped.falls == 4)
  }

  @Test("Of several checks each is tried alone on the image that the plugin fell over")
  func checks() throws {
    let both = run(bad: [3], checks: Self.checks, hint: { ($0, true) })
    let output = try both.0.get()
    #expect(output.count == 32)
    #expect(output.filter { $0.hasSuffix("gone") }.sorted() == ["3 zoo.public gone", "3 zoo.second gone"])
  }

  @Test("Falls are forgiven while they are few beside what was done")
  func offences() {
    let manifest = PluginManifest(id: "p", version: "1", kinds: [.check])
    let call = PluginCall(function: "evaluate", now: testTime, cancellation: CancellationFlag())
    let crash = CallFault(Self.died, nil, of: call, kind: .died)
    var offences = Offences()
    for _ in 0..<1_000 {
      offences.succeeded(49)
      #expect(offences.fell(crash, manifest) == nil)
    }
    var hanging = Offences()
    var hangs = 0
    while hanging.fell(CallFault(Self.died, nil, of: call, kind: .hung), manifest) == nil { hangs += 1 }
    #expect(hangs == 2)
  }
}
