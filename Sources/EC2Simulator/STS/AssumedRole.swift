import AWSWire
import Governance

/// What AssumeRole has to tell. It is kept in its parts: who calls over HTTP gets bytes, who calls in process a document,
/// and whoever reads the record gets one made then.
struct AssumedRole: Sendable {
  var key: String
  var session: Session
  /// When the client is told that the credentials end.
  var expiration: Timestamp
  var roleName: String
  var roleID: String
  var partition: Partition
  var packedPolicySize: Int?

  /// [capture] The role's path is dropped.
  private var arnStart: String { "arn:\(partition.rawValue):sts::\(session.account):assumed-role/" }

  func tell(to out: inout DocumentBuilder) {
    out.name("AssumedRoleUser")
    out.beginObject()
    out.entry("AssumedRoleId", "\(roleID):\(session.name)")
    out.entry("Arn", "\(arnStart)\(roleName)/\(session.name)")
    out.end()
  }

  var document: Document {
    var out = DocumentBuilder()
    out.beginObject()
    session.tell(key, until: expiration, to: &out)
    tell(to: &out)
    if let packedPolicySize { out.entry("PackedPolicySize", packedPolicySize) }
    if let identity = session.sourceIdentity { out.entry("SourceIdentity", identity) }
    out.end()
    return out.finish()
  }

  /// The same as the document, written by the shape.
  func write(to xml: inout XMLWriter) {
    func element(_ name: String, _ parts: String...) {
      xml.open(name)
      for part in parts { xml.text(part) }
      xml.close(name)
    }
    xml.open("Credentials")
    element("AccessKeyId", key)
    element("SecretAccessKey", session.secret)
    element("SessionToken", session.token)
    element("Expiration", expiration.iso8601)
    xml.close("Credentials")
    xml.open("AssumedRoleUser")
    element("AssumedRoleId", roleID, ":", session.name)
    element("Arn", arnStart, roleName, "/", session.name)
    xml.close("AssumedRoleUser")
    if let packedPolicySize { element("PackedPolicySize", "\(packedPolicySize)") }
    if let identity = session.sourceIdentity { element("SourceIdentity", identity) }
  }
}

extension Session {
  /// The member that every answer with credentials has.
  func tell(_ key: String, until expiration: Timestamp, to out: inout DocumentBuilder) {
    out.name("Credentials")
    out.beginObject()
    out.entry("AccessKeyId", key)
    out.entry("SecretAccessKey", secret)
    out.entry("SessionToken", token)
    out.entry("Expiration", expiration.iso8601)
    out.end()
  }
}
