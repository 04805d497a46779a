import CReevePlugin
import ReevePluginKit
import Synchronization
import Testing

/// What the discovery under test does, and what it counts: given to it beside the contract, per test.
enum Stage {
  typealias Script = @Sendable (AWS, Census.Member) async throws -> Void
  @TaskLocal static var script: Script?
  @TaskLocal static var census = Census()
}

struct Scripted: Discovery {
  let script: Stage.Script
  let census: Census
  init(configuration: Document, organization: Organization) throws {
    guard let script = Stage.script else { throw ConfigurationError("no script") }
    self.script = script
    census = Stage.census
  }
  func discover(_ scope: Scope, aws: AWS) async throws {
    let member = Census.Member(census)
    try await script(aws, member)
    member.touch()
  }
}

struct DiscoveryRunTests {
  static let scope = Scope(account: Sample.account, region: Sample.region)
  private func run(
    _ census: Census = Census(), _ script: @escaping Stage.Script
  ) throws -> HarnessRun {
    try Stage.$script.withValue(script) {
      try Stage.$census.withValue(census) {
        try PluginHarness(discovery: Scripted.self, now: Sample.now).run()
      }
    }
  }

  private func answers(_ step: HarnessRun.Step, _ body: Document = ["ok": true]) -> [(UInt32, HarnessAnswer)] {
    step.requests.map { ($0.id, .page(body)) }
  }

  @Test("Straight-line code becomes requests, and goes on with each answer")
  func straightLine() throws {
    let run = try run { aws, _ in
      let first = try await aws.call("ec2", "One", ["Owners": ["self"]])
      let second = try await aws.call("ec2", "Two", ["From": first["ok"] ?? nil], reusable: true)
      var resource = Sample.resource("x", "\(aws.now)")
      resource.attributes = second.body
      aws.emit(resource)
      aws.log(.info, "done")
    }
    defer { run.end() }
    var step = try run.begin(Self.scope)
    #expect(step.requests.map(\.operation) == ["One"])
    #expect(step.requests[0].parameters == ["Owners": ["self"]])
    #expect(!step.requests[0].isReusable && !step.requests[0].followsPages)
    step = try run.resume(answers(step))
    #expect(step.requests.map(\.operation) == ["Two"])
    #expect(step.requests[0].parameters == ["From": true] && step.requests[0].isReusable)
    step = try run.resume([(step.requests[0].id, .page(["Name": "x"]))])
    #expect(step.isDone)
    #expect(step.resources.map(\.attributes) == [["Name": "x"]])
    #expect(step.resources.map(\.id) == [Sample.now.description])
  }

  @Test("Child tasks ask at the same time, and answers may come in any order")
  func childTasks() throws {
    let run = try run { aws, _ in
      async let early = aws.call("ec2", "Early")
      let squares = try await aws.map(Array(1...5), limit: 2) { number in
        try await aws.call("ec2", "Square\(number)")["n"]?.integer ?? 0
      }
      let total = squares.reduce(0, +) + (try await early["n"]?.integer ?? 0)
      aws.emit(Sample.resource("x", "\(total)"))
    }
    defer { run.end() }
    var step = try run.begin(Self.scope)
    #expect(step.requests.map(\.operation).sorted() == ["Early", "Square1", "Square2"])
    var open = step.requests
    while !step.isDone {
      let last = open.removeLast()
      step = try run.resume([(last.id, .page(["n": 7]))])
      open += step.requests
      #expect(open.count <= 3)
    }
    #expect(step.resources.map(\.id) == ["42"])
  }

  @Test("Pages arrive in order, one by one or together, and end with the last")
  func pages() throws {
    let run = try run { aws, _ in
      var seen = ""
      for try await page in aws.pages("ec2", "List") { seen += page["p"]?.string ?? "?" }
      aws.emit(Sample.resource("x", seen))
    }
    defer { run.end() }
    let step = try run.begin(Self.scope)
    let id = step.requests[0].id
    #expect(step.requests[0].followsPages)
    #expect(try run.resume([(id, .page(["p": "a"], isLast: false))]).requests.isEmpty)
    let last = try run.resume([(id, .page(["p": "b"], isLast: false)), (id, .page(["p": "c"]))])
    #expect(last.isDone && last.resources.map(\.id) == ["abc"])
  }

  @Test("Pages that an author leaves early are dropped as they come")
  func abandonedPages() throws {
    let run = try run { aws, _ in
      for try await page in aws.pages("ec2", "List") where page["p"] != nil { break }
      _ = try await aws.call("ec2", "Next")
    }
    defer { run.end() }
    let step = try run.begin(Self.scope)
    let next = try run.resume([(step.requests[0].id, .page(["p": "a"], isLast: false))])
    #expect(next.requests.map(\.operation) == ["Next"])
    #expect(try !run.resume([(step.requests[0].id, .page(["p": "b"]))]).isDone)
    #expect(try run.resume(answers(next)).isDone)
  }

  @Test("A failed call throws what AWS said, and may be caught")
  func failedCall() throws {
    let run = try run { aws, _ in
      do {
        _ = try await aws.call("ec2", "Denied")
      } catch let error as AWSError {
        aws.emit(Sample.resource("x", error.description))
      }
    }
    defer { run.end() }
    let step = try run.begin(Self.scope)
    let last = try run.resume([(step.requests[0].id, .failure(Sample.denied))])
    #expect(
      last.resources.map(\.id) == [
        "ec2:Denied: UnauthorizedOperation: You are not authorized to perform this operation."
      ])
  }

  @Test("A failed call that nobody catches fails the run with its class and its message")
  func uncaughtFailure() throws {
    let run = try run { aws, _ in
      aws.emit(Sample.resource("x", "lost"))
      for try await _ in aws.pages("ec2", "DescribeImages") {}
    }
    defer { run.end() }
    let step = try run.begin(Self.scope)
    let failure = #expect(throws: HarnessFailure.self) {
      try run.resume([(step.requests[0].id, .failure(Sample.denied))])
    }
    #expect(failure?.status == REEVE_ERROR_DENIED)
    #expect(failure?.message.hasPrefix("ec2:DescribeImages: UnauthorizedOperation: ") == true)
  }

  @Test("Runs that are ended early leave nothing behind, wherever they stood", arguments: [0, 1, 2])
  func endedEarly(_ steps: Int) throws {
    let census = Census()
    for _ in 0..<300 {
      let run = try run(census) { aws, member in
        try await withThrowingTaskGroup(of: Void.self) { group in
          for index in 0..<3 {
            group.addTask {
              member.touch()
              for try await _ in aws.pages("ec2", "List\(index)") { _ = try await aws.call("ec2", "Detail") }
            }
          }
          try await group.waitForAll()
        }
      }
      var step = try run.begin(Self.scope)
      for _ in 0..<steps { step = try run.resume(step.requests.map { ($0.id, .page([:], isLast: false)) }) }
      run.end()
    }
    #expect(census.alive == 0)
  }

  @Test("A cancelled run ends with its calls refused")
  func cancelled() throws {
    let census = Census()
    let refused = Mutex<[String]>([])
    let run = try run(census) { aws, _ in
      do {
        _ = try await aws.call("ec2", "Slow")
      } catch let error as AWSError {
        refused.withLock { $0.append(error.code) }
      }
      do {
        _ = try await aws.call("ec2", "Again")
      } catch let error as AWSError {
        refused.withLock { $0.append(error.code) }
      }
    }
    _ = try run.begin(Self.scope)
    let failure = #expect(throws: HarnessFailure.self) { try run.resume([], asksBeforeCancel: 0) }
    #expect(failure?.status == REEVE_ERROR_CANCELLED)
    run.end()
    #expect(refused.withLock { $0 } == ["Cancelled", "Cancelled"])
    #expect(census.alive == 0)
  }

  @Test("An author who swallows the cancellation in a loop cannot hold the end up")
  func swallowedCancellation() throws {
    let tries = Mutex(0)
    let run = try run { aws, _ in
      while true {
        do {
          _ = try await aws.call("ec2", "Forever")
        } catch {
          tries.withLock { $0 += 1 }
        }
      }
    }
    _ = try run.begin(Self.scope)
    run.end()
    #expect(tries.withLock { $0 } > 100)
  }

  @Test("A response to a request that was never made is bad data")
  func unknownResponse() throws {
    let run = try run { aws, _ in _ = try await aws.call("ec2", "One") }
    defer { run.end() }
    _ = try run.begin(Self.scope)
    let failure = #expect(throws: HarnessFailure.self) { try run.resume([(7, .page([:]))]) }
    #expect(failure?.status == REEVE_ERROR_BAD_DATA)
    #expect(failure?.message.contains("7") == true)
  }

  static let escapees: [(String, @Sendable (AWS) async throws -> Void)] = [
    ("Task {}", { aws in await Task { aws.emit(Sample.resource("x", "foreign")) }.value }),
    ("Task.detached calling AWS", { aws in _ = try await Task.detached { try await aws.call("ec2", "X") }.value }),
    ("a sleep", { _ in try await Task.sleep(for: .nanoseconds(1)) }),
    ("the main actor", { _ in await MainActor.run {} }),
    ("a continuation that nobody resumes in the run", { _ in await Task.detached {}.value }),
  ]

  @Test("Work that leaves the run fails it with a sentence", arguments: 0..<5)
  func escapes(_ index: Int) throws {
    let escape = Self.escapees[index].1
    let run = try run { aws, _ in try await escape(aws) }
    defer { run.end() }
    let failure = #expect(throws: HarnessFailure.self) { try run.begin(Self.scope) }
    #expect(failure?.status == REEVE_ERROR_INTERNAL)
    #expect(failure?.message.contains("no Task {}") == true, "\(Self.escapees[index].0)")
  }

  @Test("Work that leaves the run is noticed also while requests are outstanding")
  func escapeBesideRequest() throws {
    let run = try run { aws, _ in
      async let answer = aws.call("ec2", "One")
      await Task { aws.emit(Sample.resource("x", "foreign")) }.value
      _ = try await answer
    }
    defer { run.end() }
    // Where it is noticed depends on the foreign thread; that it is noticed does not.
    let failure = #expect(throws: HarnessFailure.self) {
      let step = try run.begin(Self.scope)
      _ = try run.resume(answers(step))
    }
    #expect(failure?.message.contains("no Task {}") == true)
  }

  @Test("A response is the author's to keep after the call that brought it")
  func responsesAreCopies() throws {
    let run = try run { aws, _ in
      let kept = try await aws.call("ec2", "One")
      _ = try await aws.call("ec2", "Two")
      aws.emit(Sample.resource("x", kept.body.description))
    }
    defer { run.end() }
    var step = try run.begin(Self.scope)
    step = try run.resume([(step.requests[0].id, .page(["Text": "kept, and long enough for the heap"]))])
    step = try run.resume([(step.requests[0].id, .page(["Text": "another one, to take the memory over"]))])
    #expect(step.resources.map(\.id) == [#"{"Text":"kept, and long enough for the heap"}"#])
  }
}
