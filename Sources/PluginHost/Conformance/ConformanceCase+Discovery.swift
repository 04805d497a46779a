import CReevePlugin
import Governance
import Orchestrator

extension ConformanceCase {
  /// What a discovery was answered, and what came of it.
  struct Course {
    var requests: [String] = []
    var resources: [Resource] = []
    var status: Int32 = REEVE_RUN_MORE
    var said: String?
  }

  enum Answers: Equatable {
    case empty, denied, pages
  }

  static let discoveries: [ConformanceCase] = [
    ConformanceCase("discovery.unwanted", "nothing is asked for what nobody wants to know", of: .discovery) {
      subject throws(ConformanceFailure) in
      let course = try drive(subject, wanted: [], .empty)
      if let request = course.requests.first {
        throw ConformanceFailure("it asked \(request) although no attribute is wanted: every call costs the budget")
      }
      return .passed
    },
    ConformanceCase(
      "discovery.empty", "answers without content end in DONE, within the granted operations", of: .discovery
    ) {
      subject throws(ConformanceFailure) in
      let course = try drive(subject, wanted: wanted(subject), .empty)
      guard course.status == REEVE_RUN_DONE else {
        throw ConformanceFailure(
          "an account without resources made the run fail: \(course.said ?? "it gave no reason")")
      }
      return .passed
    },
    ConformanceCase(
      "discovery.denied", "a denied call is an unread attribute or a failed run, never an empty list", of: .discovery
    ) {
      subject throws(ConformanceFailure) in
      let course = try drive(subject, wanted: wanted(subject), .denied)
      if course.status == REEVE_RUN_FAILED {
        guard course.said?.isEmpty == false else { throw ConformanceFailure("the run failed and did not say why") }
        return .passed
      }
      guard course.requests.isEmpty || course.resources.contains(where: { $0.notes.contains { $0.unread != nil } })
      else {
        throw ConformanceFailure(
          "every call was denied, and the run is DONE without a resource whose attributes are marked unread: a denied "
            + "account would look clean")
      }
      return .passed
    },
    ConformanceCase("discovery.pages", "an answer in several pages is followed to its last", of: .discovery) {
      subject throws(ConformanceFailure) in
      let course = try drive(subject, wanted: wanted(subject), .pages)
      guard course.status == REEVE_RUN_DONE else {
        throw ConformanceFailure("pages made the run fail: \(course.said ?? "it gave no reason")")
      }
      return .passed
    },
    ConformanceCase("discovery.same", "the same answers lead to the same requests", of: .discovery) {
      subject throws(ConformanceFailure) in
      let first = try drive(subject, wanted: wanted(subject), .empty).requests
      guard try drive(subject, wanted: wanted(subject), .empty).requests == first else {
        throw ConformanceFailure("the second run asked for something else")
      }
      return .passed
    },
    ConformanceCase(
      "discovery.abandoned", "a run can be ended at any time, and another begun beside it", of: .discovery
    ) {
      subject throws(ConformanceFailure) in
      try subject.withInstance { instance throws(ConformanceFailure) in
        for _ in 0..<20 {
          let (_, first, _) = try subject.begin(instance, wanted: wanted(subject))
          let (_, second, _) = try subject.begin(instance, wanted: wanted(subject))
          guard let first, let second else { throw ConformanceFailure("begin made no run") }
          subject.end(second)
          subject.end(first)
        }
        return .passed
      }
    },
    ConformanceCase("discovery.cancel", "told to stop, a run comes to its end", of: .discovery) {
      subject throws(ConformanceFailure) in
      try subject.withInstance { instance throws(ConformanceFailure) in
        let (returned, run, _) = try subject.begin(instance, wanted: wanted(subject), stopAt: 1)
        guard [REEVE_RUN_DONE, REEVE_RUN_MORE, REEVE_RUN_FAILED].contains(returned.status) else {
          throw ConformanceFailure("begin returned \(returned.status), which means nothing here")
        }
        if let run { subject.end(run) }
        return .passed
      }
    },
    ConformanceCase("discovery.newer", "a later host, whose structs are larger, is asked the same", of: .discovery) {
      subject throws(ConformanceFailure) in
      let now = try drive(subject, wanted: wanted(subject), .empty)
      let later = try drive(subject, wanted: wanted(subject), .empty, layout: .newer)
      guard now.requests == later.requests, later.status == now.status else {
        throw ConformanceFailure(
          "with larger structs it asks for something else: step through arrays with their stride")
      }
      return .passed
    },
  ]

  static func wanted(_ subject: ConformanceSubject) -> [(resourceType: String, attribute: String)] {
    subject.manifest.attributes.sorted { $0.key < $1.key }.flatMap { type, names in names.map { (type, $0) } }
  }

  /// Runs one scope to its end. What was lent to a call is gone by the next: a kept pointer faults.
  static func drive(
    _ subject: ConformanceSubject, wanted: [(resourceType: String, attribute: String)], _ answers: Answers,
    layout: HostLayout = .first
  ) throws(ConformanceFailure) -> Course {
    try subject.withInstance(layout: layout) { instance throws(ConformanceFailure) in
      var course = Course()
      let (returned, run, intake) = try subject.begin(instance, wanted: wanted, layout: layout)
      guard let run else { throw ConformanceFailure("begin made no run") }
      var waiting = try take(returned, intake, &course, subject)
      for _ in 0..<1_000 where course.status == REEVE_RUN_MORE {
        guard !waiting.isEmpty else {
          throw ConformanceFailure("the run wants more and has no request outstanding: it would wait for ever")
        }
        let (responses, outstanding) = responses(to: &waiting, answers)
        let (resumed, next) = try subject.resume(run, responses, outstanding: outstanding, layout: layout)
        waiting += try take(resumed, next, &course, subject)
      }
      guard course.status != REEVE_RUN_MORE else {
        throw ConformanceFailure("the run did not end after 1,000 rounds of \(answers) answers")
      }
      subject.end(run)
      return course
    }
  }

  private static func take(
    _ returned: ConformanceSubject.Returned, _ intake: DiscoveryIntake, _ course: inout Course,
    _ subject: ConformanceSubject
  ) throws(ConformanceFailure) -> [(request: UInt32, page: Int)] {
    if let badData = returned.badData { throw ConformanceFailure("the run handed over bad data: \(badData.message)") }
    guard [REEVE_RUN_DONE, REEVE_RUN_MORE, REEVE_RUN_FAILED].contains(returned.status) else {
      throw ConformanceFailure("the run returned \(returned.status), which means nothing here")
    }
    course.status = returned.status
    course.said = course.said ?? returned.said
    let (requests, resources) = intake.finish()
    course.resources += resources
    for request in requests {
      course.requests.append("\(request.call.operationName) \(request.call.parameters.json)")
      guard subject.manifest.operations.contains(request.call.operationName) else {
        throw ConformanceFailure("it asked for \(request.call.operationName), which its /operations do not name")
      }
      guard request.call.isRead else {
        throw ConformanceFailure(
          "it asked for \(request.call.operationName), which is no read: discovery changes nothing")
      }
    }
    return requests.map { ($0.id, 0) }
  }

  /// The next answer to the request that has waited longest.
  private static func responses(to waiting: inout [(request: UInt32, page: Int)], _ answers: Answers)
    -> ([DiscoveryResponse], outstanding: Set<UInt32>)
  {
    let (request, page) = waiting.removeFirst()
    let isLast = answers != .pages || page == 2
    if !isLast { waiting.append((request, page + 1)) }
    let outcome: Swift.Result<Document, FailureReason> =
      answers == .denied
      ? .failure(FailureReason(kind: .denied, code: "UnauthorizedOperation", message: "You are not authorized."))
      : .success(.emptyObject)
    let response = DiscoveryResponse(request: request, outcome: outcome, isLastPage: isLast)
    return ([response], Set(waiting.map(\.request)))
  }
}
