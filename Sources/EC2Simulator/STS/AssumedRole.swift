import AWSWire
import Governance

/// What AssumeRole has to tell.
struct AssumedRole: LateAnswer {
  var key: String
  var session: Session
  /// When the client is told that the credentials end.
  var expiration: Timestamp
  var roleName: String
  var roleID: String
  var partition: Partition
  var packedPolicySize: Int?

  /// [capture] The role's path is dropped.
  private var arn: String {
    "arn:\(partition.rawValue):sts::\(session.account):assumed-role/\(roleName)/\(session.name)"
  }

  func tell(to out: inout DocumentBuilder) {
    out.name("AssumedRoleUser")
    out.beginObject()
    out.entry("AssumedRoleId", "\(roleID):\(session.name)")
    out.entry("Arn", arn)
    out.end()
  }

  var document: Document {
    var out = DocumentBuilder(nodes: 24, bytes: 640)
    out.beginObject()
    session.tell(key, until: expiration, to: &out)
    tell(to: &out)
    if let packedPolicySize { out.entry("PackedPolicySize", packedPolicySize) }
    if let identity = session.sourceIdentity { out.entry("SourceIdentity", identity) }
    out.end()
    return out.finish()
  }

  func write(to xml: inout XMLWriter) {
    xml.open("Credentials")
    xml.element("AccessKeyId", key)
    xml.element("SecretAccessKey", session.secret)
    xml.element("SessionToken", session.token)
    xml.element("Expiration", expiration.iso8601)
    xml.close("Credentials")
    xml.open("AssumedRoleUser")
    xml.element("AssumedRoleId", "\(roleID):\(session.name)")
    xml.element("Arn", arn)
    xml.close("AssumedRoleUser")
    if let packedPolicySize { xml.element("PackedPolicySize", "\(packedPolicySize)") }
    if let identity = session.sourceIdentity { xml.element("SourceIdentity", identity) }
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
