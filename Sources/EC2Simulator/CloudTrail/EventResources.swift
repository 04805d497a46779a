import Governance

/// What an event is about: the ids and ARNs that its call names, and those of what it made.
enum EventResources {
  struct Resource: Equatable {
    var type: String
    var name: String
  }

  private static let prefixes: [(prefix: String, type: String)] = [
    ("ami-", "AWS::EC2::Ami"), ("snap-", "AWS::EC2::Snapshot"), ("vol-", "AWS::EC2::Volume"),
    ("i-", "AWS::EC2::Instance"), ("lt-", "AWS::EC2::LaunchTemplate"), ("AKIA", "AWS::IAM::AccessKey"),
    ("ASIA", "AWS::IAM::AccessKey"),
  ]

  static func of(_ event: CallEvent) -> [Resource] {
    var found: [Resource] = []
    collect(event.parameters, name: "", &found)
    if let answer = event.answer { collect(answer, name: "", &found) }
    return found
  }

  private static func collect(_ value: Document, name: String, _ found: inout [Resource]) {
    switch value.kind {
    case .object:
      // Of a session only its key's id is anybody's business.
      for entry in value.entries where !["SecretAccessKey", "SessionToken"].contains(entry.name) {
        collect(entry.value, name: entry.name, &found)
      }
    case .array: for element in value.elements { collect(element, name: name, &found) }
    case .string:
      guard let text = value.string, let type = type(of: text, name: name) else { return }
      let resource = Resource(type: type, name: text)
      if !found.contains(resource) { found.append(resource) }
    default: break
    }
  }

  private static func type(of text: String, name: String) -> String? {
    if let arn = ARN(text) {
      if arn.service == "iam", arn.resource.hasPrefix("role/") { return "AWS::IAM::Role" }
      if arn.service == "iam", arn.resource.hasPrefix("policy/") { return "AWS::IAM::Policy" }
      if arn.service == "sts", arn.resource.hasPrefix("assumed-role/") { return "AWS::STS::AssumedRole" }
      return nil
    }
    switch name {
    case "RoleName": return "AWS::IAM::Role"
    case "UserName": return "AWS::IAM::User"
    default: break
    }
    guard let known = prefixes.first(where: { text.hasPrefix($0.prefix) }) else { return nil }
    let rest = text.dropFirst(known.prefix.count)
    let isID = rest.utf8.allSatisfy { ($0 >= 48 && $0 <= 57) || ($0 >= 65 && $0 <= 90) || ($0 >= 97 && $0 <= 102) }
    return isID && rest.utf8.count >= 8 ? known.type : nil
  }
}
