import AWSWire
import Configuration
import Governance
import Testing

@testable import EC2Simulator

@Suite struct OrganizationChangeTests {
  static func client() throws -> SimulatorClient {
    try SimulatorClient(yaml: neighbourhood)
  }

  private static func denyingPolicy(_ action: String) -> Document {
    Document(
      "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"\(action)\",\"Resource\":\"*\"}]}")
  }

  private static func create(_ client: SimulatorClient, _ name: String, _ content: Document, type: String) throws
    -> Document
  {
    let answer = try client.call(
      "organizations", "CreatePolicy",
      ["Name": Document(name), "Description": "d", "Type": Document(type), "Content": content])
    return try #require(answer.at(path: "Policy.PolicySummary.Id"))
  }

  @Test("A service control policy binds below its target as long as it is attached")
  func serviceControl() throws {
    let client = try Self.client()
    let policy = try Self.create(
      client, "no reads", Self.denyingPolicy("ec2:DescribeImages"), type: "SERVICE_CONTROL_POLICY")
    let attachment: Document = ["PolicyId": policy, "TargetId": "ou-home-prod"]
    try client.call("organizations", "AttachPolicy", attachment)
    let web = try client.member("333333333333")
    let test = try client.member("444444444444")
    #expect(
      try web.failure("ec2", "DescribeImages").message.hasSuffix(
        "with an explicit deny in a service control policy"))
    #expect(try test.ids(["Owners": ["self"]]).isEmpty)
    #expect(
      try client.call("organizations", "ListTargetsForPolicy", ["PolicyId": policy]).at(path: "Targets.0.TargetId")
        == "ou-home-prod")
    // Moved out of the unit, the account is free.
    try client.call(
      "organizations", "MoveAccount",
      ["AccountId": "333333333333", "SourceParentId": "ou-home-web", "DestinationParentId": "r-home"])
    #expect(try web.ids(["Owners": ["self"]]).isEmpty)
    #expect(try client.failure("organizations", "DeletePolicy", ["PolicyId": policy]).code == "PolicyInUseException")
    try client.call("organizations", "DetachPolicy", attachment)
    try client.call("organizations", "DeletePolicy", ["PolicyId": policy])
    #expect(
      try client.failure("organizations", "DescribePolicy", ["PolicyId": policy]).code == "PolicyNotFoundException")
  }

  @Test("Without FullAWSAccess only what another policy allows is allowed, and the last one stays")
  func fullAccess() throws {
    let client = try Self.client()
    let full: Document = ["PolicyId": "p-FullAWSAccess", "TargetId": "444444444444"]
    let last = try client.failure("organizations", "DetachPolicy", full)
    #expect(last.code == "ConstraintViolationException")
    let policy = try Self.create(
      client, "reads",
      #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ec2:Describe*","sts:*"],"Resource":"*"}]}"#,
      type: "SERVICE_CONTROL_POLICY")
    try client.call("organizations", "AttachPolicy", ["PolicyId": policy, "TargetId": "444444444444"])
    try client.call("organizations", "DetachPolicy", full)
    let test = try client.member("444444444444")
    #expect(try test.ids(["Owners": ["self"]]).isEmpty)
    #expect(
      try test.failure("ec2", "DisableSnapshotBlockPublicAccess").message.hasSuffix(
        "because no service control policy allows the ec2:DisableSnapshotBlockPublicAccess action"))
    #expect(
      try client.call(
        "organizations", "ListPoliciesForTarget", ["TargetId": "444444444444", "Filter": "SERVICE_CONTROL_POLICY"])[
          "Policies"]?.elements.map { $0["Name"]?.string } == ["reads"])
    // Switched off and on again, the type is as new: FullAWSAccess everywhere.
    let type: Document = ["RootId": "r-home", "PolicyType": "SERVICE_CONTROL_POLICY"]
    try client.call("organizations", "DisablePolicyType", type)
    #expect(try test.call("ec2", "DisableSnapshotBlockPublicAccess")["State"] == "unblocked")
    #expect(
      try client.failure("organizations", "AttachPolicy", ["PolicyId": policy, "TargetId": "r-home"]).code
        == "PolicyTypeNotEnabledException")
    try client.call("organizations", "EnablePolicyType", type)
    #expect(try client.failure("organizations", "EnablePolicyType", type).code == "PolicyTypeAlreadyEnabledException")
    #expect(try test.call("ec2", "DisableSnapshotBlockPublicAccess")["State"] == "unblocked")
  }

  @Test("A declarative policy holds settings of all accounts below, merged by its operators")
  func declarative() throws {
    let client = try Self.client()
    try client.call(
      "organizations", "EnablePolicyType", ["RootId": "r-home", "PolicyType": "DECLARATIVE_POLICY_EC2"])
    let root = try Self.create(
      client, "root",
      #"{"ec2_attributes":{"exception_message":{"@@assign":"Ask the platform team."},"image_block_public_access":{"state":{"@@assign":"block_new_sharing","@@operators_allowed_for_child_policies":["@@none"]}},"allowed_images_settings":{"state":{"@@assign":"enabled"},"image_criteria":{"criteria_1":{"allowed_image_providers":{"@@assign":["amazon"]}}}}}}"#,
      type: "DECLARATIVE_POLICY_EC2")
    let child = try Self.create(
      client, "child",
      #"{"ec2_attributes":{"image_block_public_access":{"state":{"@@assign":"unblocked"}},"snapshot_block_public_access":{"state":{"@@assign":"block_all_sharing"}},"allowed_images_settings":{"image_criteria":{"criteria_1":{"allowed_image_providers":{"@@append":["123456789012"]}}}}}}"#,
      type: "DECLARATIVE_POLICY_EC2")
    let owner = try client.member("222222222222")
    #expect(
      try owner.call("ec2", "GetImageBlockPublicAccessState")
        == ["ImageBlockPublicAccessState": "unblocked", "ManagedBy": "account"])
    try client.call("organizations", "AttachPolicy", ["PolicyId": root, "TargetId": "r-home"])
    try client.call("organizations", "AttachPolicy", ["PolicyId": child, "TargetId": "ou-home-prod"])
    #expect(
      try owner.call("ec2", "GetImageBlockPublicAccessState")
        == ["ImageBlockPublicAccessState": "block-new-sharing", "ManagedBy": "declarative-policy"])
    #expect(
      try owner.call("ec2", "GetSnapshotBlockPublicAccessState")
        == ["State": "block-all-sharing", "ManagedBy": "declarative-policy"])
    let allowed = try owner.call("ec2", "GetAllowedImagesSettings")
    #expect(allowed["ManagedBy"] == "declarative-policy")
    #expect(allowed.at(path: "ImageCriteria.0.ImageProviders") == ["amazon", "123456789012"])
    for operation in [
      "DisableImageBlockPublicAccess", "DisableSnapshotBlockPublicAccess", "DisableAllowedImagesSettings",
    ] {
      let error = try owner.failure("ec2", operation)
      #expect(error.code == "OperationNotPermitted")
      #expect(error.message.hasSuffix("Ask the platform team."))
    }
    #expect(
      try owner.failure(
        "ec2", "ModifyImageAttribute",
        ["ImageId": "ami-00000000000000a01", "LaunchPermission": ["Add": [["Group": "all"]]]]
      ).code == "OperationNotPermitted")
    let effective = try client.call(
      "organizations", "DescribeEffectivePolicy",
      ["PolicyType": "DECLARATIVE_POLICY_EC2", "TargetId": "222222222222"])
    let content = try Document(json: effective.at(path: "EffectivePolicy.PolicyContent")?.string ?? "")
    #expect(content.at(path: "ec2_attributes.image_block_public_access.state") == "block_new_sharing")
    // The account's own state was kept aside.
    try client.call("organizations", "DetachPolicy", ["PolicyId": root, "TargetId": "r-home"])
    try client.call("organizations", "DetachPolicy", ["PolicyId": child, "TargetId": "ou-home-prod"])
    #expect(try owner.call("ec2", "GetImageBlockPublicAccessState")["ImageBlockPublicAccessState"] == "unblocked")
    #expect(
      try owner.failure("organizations", "DescribeEffectivePolicy", ["PolicyType": "DECLARATIVE_POLICY_EC2"]).code
        == "EffectivePolicyNotFoundException")
  }

  @Test("A resource control policy denies strangers the roles of member accounts")
  func resourceControl() throws {
    let client = try Self.client()
    try client.call(
      "organizations", "EnablePolicyType", ["RootId": "r-home", "PolicyType": "RESOURCE_CONTROL_POLICY"])
    let policy = try Self.create(
      client, "no roles",
      #"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole","Resource":"*"}]}"#,
      type: "RESOURCE_CONTROL_POLICY")
    #expect(try client.member("444444444444").credentials.sessionToken != nil)
    try client.call("organizations", "AttachPolicy", ["PolicyId": policy, "TargetId": "ou-home-test"])
    #expect(throws: ServiceError.self) { try client.member("444444444444") }
    #expect(try client.member("222222222222").credentials.sessionToken != nil)
  }

  @Test("Units are made, renamed and deleted; names are unique, five levels deep")
  func units() throws {
    let client = try Self.client()
    var parent = "r-home"
    for level in 1...5 {
      let unit = try client.call(
        "organizations", "CreateOrganizationalUnit", ["ParentId": Document(parent), "Name": "level"])
      parent = try #require(unit.at(path: "OrganizationalUnit.Id")?.string)
      #expect(parent.hasPrefix("ou-home-"), "level \(level)")
    }
    let deep = try client.failure(
      "organizations", "CreateOrganizationalUnit", ["ParentId": Document(parent), "Name": "level"])
    #expect(deep.code == "ConstraintViolationException")
    #expect(
      try client.failure("organizations", "CreateOrganizationalUnit", ["ParentId": "r-home", "Name": "level"]).code
        == "DuplicateOrganizationalUnitException")
    let renamed = try client.call(
      "organizations", "UpdateOrganizationalUnit", ["OrganizationalUnitId": Document(parent), "Name": "deep"])
    #expect(renamed.at(path: "OrganizationalUnit.Name") == "deep")
    #expect(
      try client.failure("organizations", "DeleteOrganizationalUnit", ["OrganizationalUnitId": "ou-home-web"]).code
        == "OrganizationalUnitNotEmptyException")
    try client.call("organizations", "DeleteOrganizationalUnit", ["OrganizationalUnitId": Document(parent)])
    #expect(
      try client.failure("organizations", "DescribeOrganizationalUnit", ["OrganizationalUnitId": Document(parent)]).code
        == "OrganizationalUnitNotFoundException")
  }

  @Test("An account that is closed is of no use to anyone; one that leaves is a stranger")
  func membership() throws {
    let client = try Self.client()
    let web = try client.member("333333333333")
    try client.call("organizations", "CloseAccount", ["AccountId": "333333333333"])
    func state() throws -> Document? {
      try client.call("organizations", "DescribeAccount", ["AccountId": "333333333333"]).at(path: "Account.State")
    }
    #expect(try state() == "PENDING_CLOSURE")
    #expect(
      try client.failure("organizations", "CloseAccount", ["AccountId": "333333333333"]).code == "ConflictException")
    client.simulator.advance(by: MembershipOperations.closing)
    #expect(try state() == "CLOSED")
    #expect(try web.failure("sts", "GetCallerIdentity").code == "InvalidClientTokenId")
    #expect(
      try client.failure("organizations", "CloseAccount", ["AccountId": "333333333333"]).code
        == "AccountAlreadyClosedException")
    let test = try client.member("444444444444")
    #expect(try test.ids(["ExecutableUsers": ["self"]]) == [.image(4)])
    try test.call("organizations", "LeaveOrganization")
    #expect(try test.ids(["ExecutableUsers": ["self"]]).isEmpty)
    #expect(try test.failure("organizations", "DescribeOrganization").code == "AWSOrganizationsNotInUseException")
    #expect(
      try client.failure("organizations", "RemoveAccountFromOrganization", ["AccountId": "111111111111"]).code
        == "MasterCannotLeaveOrganizationException")
    // And comes back by invitation.
    let invitation = try client.call(
      "organizations", "InviteAccountToOrganization", ["Target": ["Id": "444444444444", "Type": "ACCOUNT"]])
    let id = try #require(invitation.at(path: "Handshake.Id"))
    #expect(try client.failure("organizations", "AcceptHandshake", ["HandshakeId": id]).code == "AccessDeniedException")
    #expect(try test.call("organizations", "ListHandshakesForAccount")["Handshakes"]?.count == 1)
    #expect(
      try test.call("organizations", "AcceptHandshake", ["HandshakeId": id]).at(path: "Handshake.State") == "ACCEPTED")
    #expect(try test.ids(["ExecutableUsers": ["self"]]) == [.image(4)])
  }

  @Test("A delegated administrator reads; only the management account writes, unless a resource policy says so")
  func delegation() throws {
    let client = try Self.client()
    let owner = try client.member("222222222222")
    let registration: Document = ["AccountId": "222222222222", "ServicePrincipal": "config.amazonaws.com"]
    #expect(try owner.failure("organizations", "ListAccounts").code == "AccessDeniedException")
    let early = try client.failure("organizations", "RegisterDelegatedAdministrator", registration)
    #expect(early.code == "ConstraintViolationException")
    try client.call("organizations", "EnableAWSServiceAccess", ["ServicePrincipal": "config.amazonaws.com"])
    try client.call("organizations", "RegisterDelegatedAdministrator", registration)
    #expect(
      try client.failure("organizations", "RegisterDelegatedAdministrator", registration).code
        == "AccountAlreadyRegisteredException")
    #expect(try owner.call("organizations", "ListAccounts")["Accounts"]?.count == 4)
    #expect(
      try owner.call("organizations", "ListDelegatedServicesForAccount", ["AccountId": "222222222222"]).at(
        path: "DelegatedServices.0.ServicePrincipal") == "config.amazonaws.com")
    let policy: Document = [
      "Name": "p", "Description": "d", "Type": "SERVICE_CONTROL_POLICY",
      "Content": Self.denyingPolicy("ec2:RunInstances"),
    ]
    #expect(try owner.failure("organizations", "CreatePolicy", policy).code == "AccessDeniedException")
    try client.call(
      "organizations", "PutResourcePolicy",
      [
        "Content":
          #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"222222222222"},"Action":"organizations:CreatePolicy","Resource":"*"}]}"#
      ])
    #expect(try owner.call("organizations", "CreatePolicy", policy).at(path: "Policy.PolicySummary.Name") == "p")
    try client.call("organizations", "DeregisterDelegatedAdministrator", registration)
    #expect(try owner.failure("organizations", "ListAccounts").code == "AccessDeniedException")
  }

  @Test("Everything that has tags is tagged and untagged, fifty at most")
  func tags() throws {
    let client = try Self.client()
    let policy = try Self.create(client, "p", Self.denyingPolicy("ec2:X"), type: "SERVICE_CONTROL_POLICY")
    for id in ["222222222222", "ou-home-web", "r-home", policy] as [Document] {
      try client.call("organizations", "TagResource", ["ResourceId": id, "Tags": [["Key": "a", "Value": "1"]]])
      #expect(
        try client.call("organizations", "ListTagsForResource", ["ResourceId": id])["Tags"]
          == [["Key": "a", "Value": "1"]])
      try client.call("organizations", "UntagResource", ["ResourceId": id, "TagKeys": ["a"]])
      #expect(try client.call("organizations", "ListTagsForResource", ["ResourceId": id])["Tags"] == [])
    }
    let many = Document((0...50).map { ["Key": Document("k\($0)"), "Value": ""] })
    #expect(
      try client.failure("organizations", "TagResource", ["ResourceId": "r-home", "Tags": many]).code
        == "ConstraintViolationException")
    #expect(
      try client.failure("organizations", "TagResource", ["ResourceId": "r-none", "Tags": []]).code
        == "TargetNotFoundException")
  }

  @Test("What was changed is in the dump and loads again")
  func dump() throws {
    let client = try Self.client()
    let policy = try Self.create(client, "p", Self.denyingPolicy("ec2:X"), type: "SERVICE_CONTROL_POLICY")
    try client.call("organizations", "AttachPolicy", ["PolicyId": policy, "TargetId": "ou-home-prod"])
    try client.call("organizations", "EnableAWSServiceAccess", ["ServicePrincipal": "config.amazonaws.com"])
    try client.call(
      "organizations", "RegisterDelegatedAdministrator",
      ["AccountId": "222222222222", "ServicePrincipal": "config.amazonaws.com"])
    try client.call(
      "organizations", "TagResource", ["ResourceId": "ou-home-web", "Tags": [["Key": "a", "Value": "1"]]])
    let dump = client.simulator.worldDump()
    #expect(dump.json.contains("config.amazonaws.com"))
    #expect(try World(yaml: YAML.write(dump)).dump(at: client.simulator.now).json == dump.json)
  }
}
