import ReevePluginKit

/// `snapshot.public`: a snapshot behind an own image from which every AWS account can make a volume. It keeps a sharing
/// list of its own: a private image does not make it private.
public struct PublicSnapshot: Check {
  public static var id: StaticString { "snapshot.public" }

  public init(configuration: Document, organization: Organization) {}

  public func evaluate(_ resource: borrowing Resource) throws -> Verdict {
    guard resource.type == "ec2:snapshot" else { return .notApplicable }
    let permissions = try resource.required("CreateVolumePermissions")
    guard permissions.kind == .array else {
      return .notEvaluated(
        code: "UnexpectedType", message: "CreateVolumePermissions of \(resource.id) is not an array")
    }
    guard permissions.elements.contains(where: { $0["Group"]?.text == "all" }) else { return .pass }
    return .fail(message(for: resource), evidence: evidence(of: resource))
  }

  private func message(for resource: borrowing Resource) -> String {
    let images = resource.ifRead("BackingImages")?.elements.compactMap { $0.string }.sorted() ?? []
    let behind = images.isEmpty ? "" : "; it lies behind \(images.joined(separator: ", "))"
    return "snapshot \(resource.id) is public: every AWS account can copy its data\(behind)"
  }

  private func evidence(of resource: borrowing Resource) -> Document {
    var evidence: Document = ["CreateVolumePermissions": [["Group": "all"]]]
    if let images = resource.ifRead("BackingImages") {
      evidence = evidence.setting("BackingImages", to: images.copy())
    }
    return evidence
  }
}
