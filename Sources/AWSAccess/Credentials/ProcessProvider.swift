import AWSWire
import Governance

/// `credential_process`: a program that prints credentials as JSON, version 1.
struct ProcessProvider: CredentialProvider {
  let name = "custom-process"
  let sources: CredentialSources
  let profile: String

  private static let timeout: Duration = .seconds(60)

  func load() async throws(FailureReason) -> CredentialSearch {
    guard let settings = sources.ambient.profiles[profile], let command = settings["credential_process"] else {
      return .notHere("profile \"\(profile)\" has no credential_process")
    }
    guard let arguments = ShellWords.split(command), let program = arguments.first else {
      throw settings.problem("credential_process", "credential_process has a quote that is not closed")
    }
    let outcome: CommandOutcome
    do {
      outcome = try await sources.commands.run(arguments, timeout: Self.timeout)
    } catch is CancellationError {
      throw .cancelled
    } catch {
      throw settings.problem("credential_process", "\(program) could not be run: \(error)")
    }
    guard outcome.status == 0 else {
      throw settings.problem(
        "credential_process", "\(program) ended with status \(outcome.status); its own words are above")
    }
    return .found(try credentials(outcome.output, settings, program))
  }

  private func credentials(_ output: [UInt8], _ settings: Profiles.Profile, _ program: String)
    throws(FailureReason) -> Credentials
  {
    // Its output is never quoted: it is made of secrets.
    guard let document = LocalService.json(output) else {
      throw settings.problem("credential_process", "\(program) did not print JSON")
    }
    guard document["Version"]?.int == 1 else {
      throw settings.problem(
        "credential_process",
        "\(program) printed version \(document["Version"]?.json ?? "nothing"); expected \"Version\": 1")
    }
    guard let id = document["AccessKeyId"]?.string, let secret = document["SecretAccessKey"]?.string else {
      throw settings.problem("credential_process", "\(program) printed no AccessKeyId or no SecretAccessKey")
    }
    var expiration: Timestamp?
    if let text = document["Expiration"]?.string {
      guard let time = Timestamp(iso8601: text) else {
        throw settings.problem("credential_process", "\(program) printed an Expiration that is no time: \"\(text)\"")
      }
      expiration = time
    }
    return Credentials(
      accessKeyID: id, secretAccessKey: secret, sessionToken: document["SessionToken"]?.string, expiration: expiration)
  }
}
