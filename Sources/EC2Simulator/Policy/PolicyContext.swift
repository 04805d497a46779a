/// What a request says of itself, by condition key in lower case.
package struct PolicyContext: Sendable {
  package var given: [String: [String]]
  /// What is worked out only where a policy asks for it.
  var further: (@Sendable (String) -> [String]?)?

  package init(_ given: [String: [String]]) { self.given = given }

  init(_ given: [String: [String]], further: @escaping @Sendable (String) -> [String]?) {
    self.given = given
    self.further = further
  }

  /// nil: the key is absent from the request.
  func values(of key: String) -> [String]? { given[key] ?? further?(key) }
}

/// Condition keys that this simulator knows the value, or the absence, of. A condition on any other fails closed: an
/// allow does not apply, a deny does.
enum PolicyKeys {
  static func isKnown(_ key: String) -> Bool {
    known.contains(key) || prefixes.contains { key.hasPrefix($0) }
  }

  /// "AWS global condition context keys". Requests here come over the internet, from no VPC and no federation of people:
  /// the keys of those are absent, as they are in AWS.
  private static let known: Set<String> = [
    "aws:principalarn", "aws:principalaccount", "aws:principalorgid", "aws:principalorgpaths",
    "aws:principalorgmasteraccountid", "aws:principaltype", "aws:userid", "aws:username", "aws:requestedregion",
    "aws:currenttime", "aws:epochtime", "aws:tagkeys", "aws:multifactorauthpresent", "aws:multifactorauthage",
    "aws:viaawsservice", "aws:principalisawsservice", "aws:principalservicename", "aws:principalservicenameslist",
    "aws:calledvia", "aws:calledviafirst", "aws:calledvialast", "aws:resourceaccount", "aws:resourceorgid",
    "aws:resourceorgpaths", "aws:sourceip", "aws:vpcsourceip", "aws:sourcevpc", "aws:sourcevpce", "aws:sourcevpcarn",
    "aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceidentity",
    "aws:securetransport", "aws:useragent", "aws:referer", "aws:tokenissuetime", "aws:federatedprovider",
    "aws:ec2instancesourcevpc", "aws:ec2instancesourceprivateipv4", "aws:chatbotsourcearn",
    "sts:externalid", "sts:rolesessionname", "sts:sourceidentity", "sts:transitivetagkeys", "sts:durationseconds",
    "sts:awsservicename", "sts:identitycenterapplicationarn", "iam:policyarn", "iam:permissionsboundary",
    "iam:passedtoservice", "iam:awsservicename", "organizations:policytype", "organizations:serviceprincipal",
    "ec2:add/group", "ec2:add/userid", "ec2:remove/group", "ec2:remove/userid", "ec2:attribute", "ec2:owner",
    "ec2:public", "ec2:imageid", "ec2:imagetype", "ec2:region", "ec2:createaction", "ec2:snapshotid",
    "ec2:encrypted", "ec2:parentvolume", "ec2:parentsnapshot", "ec2:volumeid", "ec2:volumesize", "ec2:volumetype",
    "ec2:volumeiops", "ec2:volumethroughput", "ec2:availabilityzone", "ec2:instancetype", "ec2:instanceid",
    "ec2:rootdevicetype", "ec2:tenancy", "ec2:sourceimageid", "ec2:launchtemplate", "ec2:islaunchtemplateresource",
    "ec2:outpostarn", "ec2:snapshottime", "ec2:kmskeyid", "ec2:accountattribute",
  ]
  /// `ec2:attribute/…`: "Filters access by an attribute being set on a resource".
  private static let prefixes = [
    "aws:principaltag/", "aws:requesttag/", "aws:resourcetag/", "ec2:resourcetag/", "iam:resourcetag/",
    "organizations:", "ec2:attribute/",
  ]
}
