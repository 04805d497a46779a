import Governance

/// The shared config and credentials files together, as the AWS CLI reads them: a profile's settings come from both, and
/// the credentials file's win.
struct Profiles: Sendable {
  private let config: ProfileFile
  private let credentials: ProfileFile

  init(config: ProfileFile, credentials: ProfileFile) {
    self.config = config
    self.credentials = credentials
  }

  static func read(_ environment: AmbientEnvironment, _ files: any CredentialFiles) throws(FailureReason) -> Profiles {
    func file(_ variable: String, _ standard: String) throws(FailureReason) -> ProfileFile {
      let path = environment.path(environment[variable] ?? standard)
      guard let bytes = try files.read(path) else { return ProfileFile(path: path) }
      return try ProfileFile(path: path, bytes: bytes)
    }
    return Profiles(
      config: try file("AWS_CONFIG_FILE", "~/.aws/config"),
      credentials: try file("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"))
  }

  /// One profile's settings with where they stand.
  struct Profile: Sendable {
    var name: String
    fileprivate var values: [String: (value: ProfileFile.Value, path: String)]

    /// A setting that is left empty counts as not set.
    subscript(key: String) -> String? { values[key].flatMap { $0.value.text.isEmpty ? nil : $0.value.text } }
    func nested(_ key: String) -> [String: String] { values[key]?.value.nested ?? [:] }

    /// For errors: `/home/a/.aws/config:12`.
    func place(of key: String) -> String { values[key].map { "\($0.path):\($0.value.line)" } ?? "profile \"\(name)\"" }

    var hasStaticKeys: Bool { self["aws_access_key_id"] != nil }

    func problem(_ key: String, _ message: String) -> FailureReason {
      FailureReason(kind: .configuration, code: "InvalidProfile", message: "\(place(of: key)): \(message)")
    }

    func boolean(_ key: String) throws(FailureReason) -> Bool? {
      guard let text = self[key] else { return nil }
      guard let value = Bool(text.lowercased()) else {
        throw problem(key, "\(key) is \"\(text)\"; expected true or false")
      }
      return value
    }
  }

  var configPath: String { config.path }
  var credentialsPath: String { credentials.path }

  /// Every profile's name, sorted.
  var names: [String] {
    let fromConfig = config.sections.keys.compactMap { name -> String? in
      name == "default" ? name : name.hasPrefix("profile ") ? String(name.dropFirst(8)) : nil
    }
    return Set(fromConfig + credentials.sections.keys).sorted()
  }

  subscript(name: String) -> Profile? {
    let parts = [fromConfigFile(name), fromCredentialsFile(name)].compactMap(\.self)
    guard var profile = parts.first else { return nil }
    for part in parts.dropFirst() { profile.values.merge(part.values) { _, later in later } }
    return profile
  }

  func fromConfigFile(_ name: String) -> Profile? {
    let section = config.sections["profile \(name)"] ?? (name == "default" ? config.sections["default"] : nil)
    return section.map { profile(name, $0, config) }
  }

  func fromCredentialsFile(_ name: String) -> Profile? {
    credentials.sections[name].map { profile(name, $0, credentials) }
  }

  /// `[sso-session NAME]` and `[services NAME]`, which only the config file has.
  func section(_ kind: String, _ name: String) -> Profile? {
    config.sections["\(kind) \(name)"].map { profile("\(kind) \(name)", $0, config) }
  }

  private func profile(_ name: String, _ section: ProfileFile.Section, _ file: ProfileFile) -> Profile {
    Profile(name: name, values: section.values.mapValues { ($0, file.path) })
  }
}

extension CredentialFiles {
  /// With the path in the error, and nothing of the content.
  func read(_ path: String) throws(FailureReason) -> [UInt8]? {
    do {
      return try contents(of: path)
    } catch {
      throw FailureReason(
        kind: .configuration, code: "UnreadableFile", message: "\(path) cannot be read: \(error)")
    }
  }
}
