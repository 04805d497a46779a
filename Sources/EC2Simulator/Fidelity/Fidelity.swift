import AWSWire

/// What the simulator is like beside AWS, from the facts it runs on. `reeve simulate` says the first part when it starts;
/// the fidelity page is all of it.
package enum Fidelity {
  /// How many operations of each service there are, sorted by service.
  package static var operationCounts: [(service: String, count: Int)] {
    OperationTable.services.map { ($0, OperationTable.operations(of: $0).count) }.filter { $0.1 > 0 }
  }

  package static func enforced(throttling: Bool) -> [String] {
    [
      "Signature Version 4, in headers and presigned; a date more than \(minutes(Authentication.skew)) minutes off is "
        + "refused",
      "access keys, session tokens and their expiry, regions with opt-in, states of accounts",
      "trust, identity, session and service control policies, permissions boundaries: every call is authorized",
      "unknown operations and parameters: EC2 refuses both; the other services ignore a parameter, and it is counted; one "
        + "that AWS has and that is not here is refused by each",
      "visibility of private, shared, public, disabled and deprecated images, and of snapshots",
      "block public access with its rollout lag, allowed images, deregistration protection, quotas, tag rules",
      "pagination rules and validation of parameters",
      throttling
        ? "AWS's published request rates, a token bucket per API, account and region"
        : "no request rates (throttling is off)",
    ]
  }

  /// What is so everywhere, and is not so with AWS.
  static let differences = [
    "Time is the world's clock; only the skew of signatures is held against the host's.",
    "Ids, keys, tokens and request ids come from the seed: the same requests in the same order get the same bytes.",
    "EC2 answers an expired session with RequestExpired and status 400. AWS's status, 400 or 403, is not established.",
    "EC2's throttling says \"Request limit exceeded.\"; the longer text that names account and API was seen in 2026 and "
      + "is not used. Launching or ending more instances than their resource bucket holds says the same; AWS's text for "
      + "that is not established.",
    "Request rates of STS (600 a second, shared by its operations), Organizations and CloudTrail are not published as "
      + "buckets: the figures are the client's cautious ones.",
    "The encoded authorization message decodes to the documented JSON; it is hidden, not encrypted.",
    "A change of a policy, a role or a key takes effect at once. Resource control policies bind the roles of member "
      + "accounts, which are what is simulated of what they bind. Declarative policies take effect at once, without the "
      + "rollout of the account's own settings; the code and text of a refusal are not established.",
    "A trust policy names principals by ARN; AWS binds it to the id that a principal had when the policy was saved.",
    Strictness.lenient.concession,
    "A parameter that AWS has and that is not here: EC2 says UnknownParameter, as of any that it does not know; "
      + "Organizations says InvalidInputException and the others ValidationError, where AWS would act on it.",
    "A client token is remembered until the simulator ends or is reset; of instances for as long as they are there.",
    "Text with a control character that XML cannot carry is refused, by EC2 with InvalidParameterValue and by STS and IAM "
      + "with MalformedInput; AWS's own answer is not established.",
    "A bucket that is full is forgotten, and equals a new one.",
    "A request for a service that is not simulated gets UnknownService, which no AWS service says.",
    "The record holds the last 32,768 calls that change something and the last 16,384 others.",
  ]

  private static func minutes(_ duration: Duration) -> Int64 { duration.components.seconds / 60 }
}
