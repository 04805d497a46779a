package import Governance

/// Never printed whole: the description names the access key id only.
package struct Credentials: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  package var accessKeyID: String
  package var secretAccessKey: String
  package var sessionToken: String?
  /// nil: they do not expire.
  package var expiration: Timestamp?

  package init(
    accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil, expiration: Timestamp? = nil
  ) {
    self.accessKeyID = accessKeyID
    self.secretAccessKey = secretAccessKey
    self.sessionToken = sessionToken
    self.expiration = expiration
  }

  package var description: String { "credentials \(accessKeyID)" }
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: ["accessKeyID": accessKeyID]) }
}
