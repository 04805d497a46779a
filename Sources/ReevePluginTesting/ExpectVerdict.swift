public import ReevePluginKit
import Testing

/// What a test expects a check to say.
public enum ExpectedVerdict: Sendable {
  case pass
  case notApplicable
  /// A failure whose message contains the text and whose evidence, where it is given, has these entries.
  case fail(saying: String = "", evidence: Document? = nil)
  /// Not evaluated, with this code.
  case notEvaluated(code: String)
}

/// Runs a check on a resource through the real plugin boundary and records an issue where its verdict is another one.
///
/// ```swift
/// try expectVerdict(of: ImageHasName.self, on: .image(tags: [("Name", "base")]), .pass)
/// try expectVerdict(of: ImageHasName.self, on: .image().unread("Tags"), .notEvaluated(code: "UnauthorizedOperation"))
/// ```
///
/// Throws when the check cannot be made with the configuration, or fails the whole batch.
public func expectVerdict<C: Check>(
  of check: C.Type, on resource: DiscoveredResource, _ expected: ExpectedVerdict,
  configuration: Document = .emptyObject, organization: Organization = Sample.organization(), now: Time = Sample.now,
  fileID: String = #fileID, filePath: String = #filePath, line: Int = #line, column: Int = #column
) throws {
  let harness = try PluginHarness(
    checks: [check], configuration: configuration, organization: organization, now: now)
  let outcomes = try harness.evaluate([resource])
  let place = SourceLocation(fileID: fileID, filePath: filePath, line: line, column: column)
  guard let verdict = outcomes.first?.verdict, outcomes.count == 1 else {
    Issue.record("\(C.id) gave \(outcomes.count) verdicts on one resource, expected one", sourceLocation: place)
    return
  }
  if !expected.fits(verdict) {
    Issue.record(
      "\(C.id) on \(resource.id): expected \(expected.words), found \(words(verdict))", sourceLocation: place)
  }
}

extension ExpectedVerdict {
  func fits(_ verdict: Verdict) -> Bool {
    switch (self, verdict) {
    case (.pass, .pass), (.notApplicable, .notApplicable): return true
    case (.fail(let text, let evidence), .fail(let message, let found)):
      guard text.isEmpty || message.contains(text) else { return false }
      guard let evidence else { return true }
      return evidence.entries.allSatisfy { entry in found?[entry.name] == entry.value }
    case (.notEvaluated(let code), .notEvaluated(let found, _)): return code == found
    default: return false
    }
  }

  var words: String {
    switch self {
    case .pass: "pass"
    case .notApplicable: "not applicable"
    case .fail(let text, let evidence):
      "fail" + (text.isEmpty ? "" : " saying \"\(text)\"") + (evidence.map { " with evidence \($0)" } ?? "")
    case .notEvaluated(let code): "not evaluated (\(code))"
    }
  }
}

func words(_ verdict: Verdict) -> String {
  switch verdict {
  case .pass: "pass"
  case .notApplicable: "not applicable"
  case .fail(let message, let evidence):
    "fail saying \"\(message)\"" + (evidence.map { " with evidence \($0)" } ?? " without evidence")
  case .notEvaluated(let code, let message): "not evaluated (\(code): \(message))"
  }
}
