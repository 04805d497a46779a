import ReevePluginKit

/// `image.public`: an image that every AWS account can launch. It rests on `Public` alone, which comes with the list of
/// images: an image whose launch permissions could not be read is a finding all the same.
public struct PublicImage: Check {
  public static var id: StaticString { "image.public" }

  public init(configuration: Document, organization: Organization) {}

  public func evaluate(_ resource: borrowing Resource) throws -> Verdict {
    guard resource.type == "ec2:image" else { return .notApplicable }
    guard let isPublic = try resource.required("Public").boolean else {
      return .notEvaluated(code: "UnexpectedType", message: "Public of \(resource.id) is not a boolean")
    }
    return isPublic ? .fail(message(for: resource), evidence: evidence(of: resource)) : .pass
  }

  private func message(for resource: borrowing Resource) -> String {
    var known: [String] = []
    if let name = resource.ifRead("Name")?.text { known.append("\"\(name)\"") }
    if let created = resource.ifRead("CreationDate")?.text { known.append("created \(created)") }
    if resource.ifRead("State")?.text == "disabled" { known.append("disabled") }
    let details = known.isEmpty ? "" : " (\(known.joined(separator: ", ")))"
    return "image \(resource.id)\(details) is public: every AWS account can launch and copy it"
  }

  private func evidence(of resource: borrowing Resource) -> Document {
    var evidence: Document = ["Public": true]
    if let permissions = resource.ifRead("LaunchPermissions") {
      evidence = evidence.setting("LaunchPermissions", to: permissions.copy())
    }
    return evidence
  }
}
