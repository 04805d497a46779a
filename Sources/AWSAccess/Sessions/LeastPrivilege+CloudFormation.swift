package import Governance

/// The CloudFormation template that makes the roles, to be rolled out as a StackSet over the organization. In the hub
/// account it makes the hub's role as well; without a hub, members trust the caller directly.
extension LeastPrivilege {
  /// The name and path of a role from its ARN or name: `audit/ReeveRead` → `/audit/`, `ReeveRead`.
  static func nameAndPath(of hop: RoleHop) -> (name: String, path: String) {
    let whole =
      hop.role.hasPrefix("arn:") ? hop.role.split(separator: "/", maxSplits: 1).last.map(String.init) ?? "" : hop.role
    guard let slash = whole.lastIndex(of: "/") else { return (whole, "/") }
    return (String(whole[whole.index(after: slash)...]), "/" + whole[...slash])
  }

  package var cloudFormationTemplate: Document {
    let hub = chain.count > 1 ? chain[chain.count - 2] : nil
    return Document(entries: [
      ("AWSTemplateFormatVersion", "2010-09-09"),
      (
        "Description",
        Document("Reeve: the least that its roles need, from the grants of its plugins. Roll out as a StackSet.")
      ),
      ("Parameters", parameters(hub: hub)),
      ("Conditions", conditions(hub: hub)),
      ("Resources", resources(hub: hub)),
      (
        "Outputs",
        ["MemberRoleArn": ["Description": "The role that Reeve assumes here.", "Value": Self.attribute("MemberRole")]]
      ),
    ])
  }

  private static func reference(_ name: String) -> Document { ["Ref": Document(name)] }
  private static func attribute(_ name: String) -> Document { ["Fn::GetAtt": [Document(name), "Arn"]] }
  private static func substitution(_ text: String) -> Document {
    text.contains("${") ? ["Fn::Sub": Document(text)] : Document(text)
  }

  private func parameters(hub: RoleHop?) -> Document {
    var parameters: [(name: String, value: Document?)] = []
    if hub == nil {
      parameters.append(
        (
          "CallerArn",
          [
            "Type": "String", "AllowedPattern": "arn:aws[a-z-]*:iam::[0-9]{12}:(root|(role|user)/.+)",
            "Description": "Who runs reeve: the user or role that assumes this role.",
          ]
        ))
    } else {
      parameters.append(
        (
          "HubAccountId",
          Document(entries: [
            ("Type", "String"), ("AllowedPattern", "[0-9]{12}"),
            ("Default", hub.flatMap { ARN($0.role) }.flatMap { Account.isID($0.account) ? Document($0.account) : nil }),
            ("Description", "The account of the hub role; the role is made where the stack runs in this account."),
          ])
        ))
      parameters.append(
        (
          "HubCallerArn",
          [
            "Type": "String", "AllowedPattern": "arn:aws[a-z-]*:iam::[0-9]{12}:(root|(role|user)/.+)",
            "Description": "Who runs reeve: the user or role that assumes the hub role.",
          ]
        ))
    }
    parameters.append(
      (
        "ExternalId",
        [
          "Type": "String", "Default": "", "NoEcho": true,
          "Description": "The external id that reeve.yaml names for the last role; empty for none.",
        ]
      ))
    if !changes.isEmpty {
      parameters.append(
        (
          "AllowChanges",
          [
            "Type": "String", "Default": "false", "AllowedValues": ["true", "false"],
            "Description": "Whether reeve apply and reeve undo may change anything in this account.",
          ]
        ))
    }
    return Document(entries: parameters)
  }

  private func conditions(hub: RoleHop?) -> Document {
    var conditions: [(name: String, value: Document?)] = [
      ("HasExternalId", ["Fn::Not": [["Fn::Equals": [Self.reference("ExternalId"), ""]]]])
    ]
    if !changes.isEmpty {
      conditions.append(("ChangesAllowed", ["Fn::Equals": [Self.reference("AllowChanges"), "true"]]))
    }
    if hub != nil {
      conditions.append(
        ("IsHubAccount", ["Fn::Equals": [Self.reference("AWS::AccountId"), Self.reference("HubAccountId")]]))
    }
    return Document(entries: conditions)
  }

  private func resources(hub: RoleHop?) -> Document {
    guard let member = chain.last else { return .emptyObject }
    var policies: [Document] = [["PolicyName": "ReeveSweep", "PolicyDocument": memberSweepPolicy]]
    if let change = changePolicy {
      policies.append([
        "Fn::If": [
          "ChangesAllowed", ["PolicyName": "ReeveApply", "PolicyDocument": change], Self.reference("AWS::NoValue"),
        ]
      ])
    }
    let trusted: Document
    if let hub {
      let role = Self.arn(of: hub, account: "${HubAccountId}", partition: "${AWS::Partition}")
      trusted = Self.substitution(role)
    } else {
      trusted = Self.reference("CallerArn")
    }
    var resources: [(name: String, value: Document?)] = [
      ("MemberRole", role(member, trusts: trusted, hasExternalID: true, policies: policies))
    ]
    if let hub {
      let next = Self.arn(of: member, account: "*", partition: "${AWS::Partition}")
      let policy: Document = [
        "PolicyName": "ReeveAssumeNext",
        "PolicyDocument": Self.policy([
          [
            "Sid": "ReeveAssumeNext", "Effect": "Allow", "Action": Document(strings: actions(assuming: member)),
            "Resource": Self.substitution(next),
          ]
        ]),
      ]
      var made = role(hub, trusts: Self.reference("HubCallerArn"), hasExternalID: false, policies: [policy])
      made = Document(entries: [
        ("Type", made["Type"]), ("Condition", "IsHubAccount"), ("Properties", made["Properties"]),
      ])
      resources.append(("HubRole", made))
    }
    return Document(entries: resources)
  }

  /// As `memberChangePolicy`, with the partition that CloudFormation fills in.
  private var changePolicy: Document? {
    guard !changes.isEmpty else { return nil }
    let arns = Self.resources(changedTypes, partition: "${AWS::Partition}").map {
      $0 == "*" ? Document($0) : Self.substitution($0)
    }
    return Self.policy([
      Document(entries: [
        ("Sid", "ReeveApply"), ("Effect", "Allow"), ("Action", Document(strings: changes)),
        ("Resource", Document(arns)),
      ])
    ])
  }

  private func actions(assuming hop: RoleHop) -> [String] {
    ["sts:AssumeRole"] + (hop.tags.isEmpty ? [] : ["sts:TagSession"])
  }

  private func role(_ hop: RoleHop, trusts principal: Document, hasExternalID: Bool, policies: [Document]) -> Document {
    let (name, path) = Self.nameAndPath(of: hop)
    let condition: Document = [
      "Fn::If": [
        "HasExternalId", ["StringEquals": ["sts:ExternalId": Self.reference("ExternalId")]],
        Self.reference("AWS::NoValue"),
      ]
    ]
    let trust = Document(entries: [
      ("Effect", "Allow"), ("Principal", ["AWS": principal]), ("Action", Document(strings: actions(assuming: hop))),
      ("Condition", hasExternalID ? condition : nil),
    ])
    return Document(entries: [
      ("Type", "AWS::IAM::Role"),
      (
        "Properties",
        Document(entries: [
          ("RoleName", Document(name)), ("Path", path == "/" ? nil : Document(path)),
          ("Description", "Reeve: governs machine images."),
          ("AssumeRolePolicyDocument", Self.policy([trust])), ("Policies", Document(policies)),
        ])
      ),
    ])
  }
}
