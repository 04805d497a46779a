import Governance

/// `${publish:ImageId}` in a call's parameters stands for what an earlier call was answered, at that path.
struct AnswerReference: Equatable {
  var step: String
  var path: String

  init?(text: String) {
    guard text.hasPrefix("${"), text.hasSuffix("}") else { return nil }
    let parts = text.dropFirst(2).dropLast().split(separator: ":", maxSplits: 1).map(String.init)
    guard parts.count == 2 else { return nil }
    step = parts[0]
    path = parts[1]
  }
}

extension Document {
  /// Every reference in it.
  var answerReferences: [AnswerReference] {
    switch kind {
    case .string: AnswerReference(text: string ?? "").map { [$0] } ?? []
    case .array: elements.flatMap(\.answerReferences)
    case .object: entries.flatMap(\.value.answerReferences)
    default: []
    }
  }

  /// With what the references stand for; one that stands for nothing is left out.
  func resolving(_ answer: (AnswerReference) -> Document?) -> Document {
    switch kind {
    case .string:
      guard let reference = AnswerReference(text: string ?? "") else { return self }
      return answer(reference)?.at(path: reference.path) ?? .null
    case .array: return Document(elements.map { $0.resolving(answer) })
    case .object: return Document(entries: entries.map { ($0.name, $0.value.resolving(answer)) })
    default: return self
    }
  }
}
