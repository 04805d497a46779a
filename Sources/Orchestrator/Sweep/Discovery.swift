import Governance
import Synchronization

/// Drives one discovery plugin's run over one scope: performs what it asks for, hands the answers back, until it is
/// done. What it emitted counts only then.
struct Discovery: Sendable {
  struct Finished: Sendable {
    var resources: [Resource]
    var answers: [RecordedAnswer]
  }

  /// Why a run gave nothing: a call that it could not do without, or a fault of its own.
  enum Failure: Error, Sendable {
    case call(FailureReason)
    case plugin(PluginFailure)
    case ledger(any Error)
  }

  let manifest: PluginManifest
  let scope: Scope
  let partition: Partition
  let wanted: [(resourceType: String, attribute: String)]
  let plugins: any PluginSession
  let session: any CloudSession
  let ledger: any SweepLedger
  let oldestAnswer: Timestamp?
  let now: Timestamp

  /// Calls of one run that are under way at the same time; more wait here, not in the budgets.
  private static let window = 16

  func run() async throws(Failure) -> Finished {
    let run: any DiscoveryRun
    do {
      run = try await plugins.beginDiscovery(
        plugin: manifest.id, in: DiscoverySetting(scope: scope, partition: partition, wanted: wanted), now: now)
    } catch {
      throw .plugin(error)
    }
    let outcome: Result<Finished, Failure>
    do {
      outcome = .success(try await drive(run))
    } catch {
      outcome = .failure(error)
    }
    await run.end()
    return try outcome.get()
  }

  private struct Answer: Sendable {
    var request: DiscoveryRequest
    var response: DiscoveryResponse
    var next: APICall?
    var recorded: RecordedAnswer?
    var ledgerFailure: (any Error)?
  }

  /// Answers that have come and were not handed over yet.
  private final class Mailbox: Sendable {
    private let answers = Mutex<[Answer]>([])

    func put(_ answer: Answer) { answers.withLock { $0.append(answer) } }

    func takeAll() -> [Answer] {
      answers.withLock { answers in
        defer { answers = [] }
        return answers
      }
    }
  }

  private func drive(_ run: any DiscoveryRun) async throws(Failure) -> Finished {
    let result: Result<Finished, Failure> = await withTaskGroup(of: Void.self) { group in
      let mailbox = Mailbox()
      var finished = Finished(resources: [], answers: [])
      var waiting: [DiscoveryRequest] = []
      var underWay = 0
      var failedCall: FailureReason?
      var step = run.first
      while true {
        finished.resources.append(contentsOf: step.resources)
        if step.isDone { return .success(finished) }
        waiting.append(contentsOf: step.requests)
        while underWay < Self.window, !waiting.isEmpty {
          let request = waiting.removeFirst()
          underWay += 1
          group.addTask { mailbox.put(await answer(request)) }
        }
        // What came while the plugin was busy is handed over at once: a step may be a crossing into another process.
        var answers: [Answer] = []
        while answers.isEmpty {
          guard await group.next() != nil else {
            return .failure(
              .plugin(
                PluginFailure(
                  plugin: manifest.id, code: "PluginStalled",
                  message: "version \(manifest.version) waits for answers in \(scope) but has asked for nothing")))
          }
          answers = mailbox.takeAll()
        }
        for answer in answers {
          if let failure = answer.ledgerFailure {
            group.cancelAll()
            return .failure(.ledger(failure))
          }
          if case .failure(let reason) = answer.response.outcome { failedCall = failedCall ?? reason }
          if let recorded = answer.recorded { finished.answers.append(recorded) }
          if let next = answer.next {
            var request = answer.request
            request.call = next
            group.addTask { mailbox.put(await self.answer(request)) }
          } else {
            underWay -= 1
          }
        }
        do throws(PluginFailure) {
          step = try await run.resume(with: answers.map(\.response))
        } catch {
          group.cancelAll()
          // A run that says it failed after a call failed could not do without that call; any other end is its own fault.
          if error.code == PluginFailure.saidFailed, let failedCall { return .failure(.call(failedCall)) }
          return .failure(.plugin(error))
        }
      }
    }
    return try result.get()
  }

  private func answer(_ request: DiscoveryRequest) async -> Answer {
    let key = AnswerKey(scope: scope, call: request.call)
    // A recorded answer is one answer: what comes in pages is read anew.
    let isReusable = request.isReusable && !request.followsPages
    if isReusable, let oldestAnswer {
      do {
        if let recorded = try await ledger.recordedAnswer(to: key, notBefore: oldestAnswer) {
          return Answer(
            request: request,
            response: DiscoveryResponse(
              request: request.id, outcome: .success(recorded.body), isLastPage: true, readAt: recorded.readAt))
        }
      } catch {
        return Answer(
          request: request,
          response: DiscoveryResponse(
            request: request.id,
            outcome: .failure(FailureReason(kind: .internal, code: "LedgerFailed", message: "\(error)")),
            isLastPage: true), ledgerFailure: error)
      }
    }
    let page: CloudPage
    do {
      page = try await session.perform(request.call, in: scope.region)
    } catch {
      return Answer(
        request: request,
        response: DiscoveryResponse(request: request.id, outcome: .failure(error), isLastPage: true))
    }
    let next = request.followsPages ? page.next : nil
    return Answer(
      request: request,
      response: DiscoveryResponse(request: request.id, outcome: .success(page.body), isLastPage: next == nil),
      next: next,
      recorded: isReusable ? RecordedAnswer(key: key, body: page.body, readAt: now) : nil)
  }
}
