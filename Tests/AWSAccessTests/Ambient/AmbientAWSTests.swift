import Governance
import Testing

@testable import AWSAccess

@Suite("What the environment and the profile say")
struct AmbientAWSTests {
  private static let config = """
    [default]
    region = eu-west-1
    ca_bundle = ~/corp.pem
    [profile prod]
    region = eu-west-3
    use_fips_endpoint = true
    endpoint_url = http://127.0.0.1:2
    services = local
    [services local]
    ec2 =
      endpoint_url = http://127.0.0.1:3
    """

  private func ambient(_ variables: [String: String]) throws(FailureReason) -> AmbientAWS {
    try Machine(variables: variables, config: Self.config).ambient()
  }

  @Test("The environment wins over the profile, AWS_PROFILE over AWS_DEFAULT_PROFILE, the same for regions")
  func precedence() throws {
    let table: [([String: String], String?)] = [
      ([:], "eu-west-1"), (["AWS_PROFILE": "prod"], "eu-west-3"), (["AWS_DEFAULT_PROFILE": "prod"], "eu-west-3"),
      (["AWS_PROFILE": "default", "AWS_DEFAULT_PROFILE": "prod"], "eu-west-1"),
      (["AWS_DEFAULT_REGION": "a"], "a"), (["AWS_REGION": "b", "AWS_DEFAULT_REGION": "a"], "b"),
      (["AWS_REGION": ""], "eu-west-1"), (["AWS_CONFIG_FILE": "/nowhere"], nil),
    ]
    for (variables, region) in table {
      let found = try ambient(variables).region
      #expect(found == region, "\(variables)")
    }
    let bundle = try ambient([:]).certificateAuthorities
    #expect(bundle == "/home/a/corp.pem")
    let other = try ambient(["AWS_CA_BUNDLE": "/etc/x.pem"]).certificateAuthorities
    #expect(other == "/etc/x.pem")
  }

  @Test("Endpoints: service variable, variable, services section, profile")
  func endpoints() throws {
    func url(_ service: String, _ variables: [String: String]) throws -> String? {
      let settings = try ambient(variables).endpoints()
      return (settings.overrides[service] ?? settings.overrides[""])?.authority
    }
    let table: [(String, [String: String], String?)] = [
      ("ec2", [:], nil), ("ec2", ["AWS_PROFILE": "prod"], "127.0.0.1:3"),
      ("sts", ["AWS_PROFILE": "prod"], "127.0.0.1:2"),
      ("ec2", ["AWS_PROFILE": "prod", "AWS_ENDPOINT_URL": "http://127.0.0.1:4"], "127.0.0.1:4"),
      ("ec2", ["AWS_ENDPOINT_URL": "http://127.0.0.1:4", "AWS_ENDPOINT_URL_EC2": "http://127.0.0.1:5"], "127.0.0.1:5"),
      ("sts", ["AWS_ENDPOINT_URL_EC2": "http://127.0.0.1:5"], nil),
      ("ec2", ["AWS_PROFILE": "prod", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"], nil),
    ]
    for (service, variables, authority) in table {
      let found = try url(service, variables)
      #expect(found == authority, "\(service) \(variables)")
    }
    let settings = try ambient(["AWS_PROFILE": "prod", "AWS_USE_DUALSTACK_ENDPOINT": "TRUE"]).endpoints()
    #expect(settings.useFIPS && settings.useDualStack)
  }

  @Test("Nonsense is an error that names the variable or the file and line, and never prints a URL")
  func nonsense() {
    let table: [([String: String], String, String)] = [
      (["AWS_PROFILE": "prood"], "ProfileNotFound", "did you mean \"prod\"?"),
      (["AWS_ENDPOINT_URL": "http://u:hunter2@x"], "InvalidEndpoint", "AWS_ENDPOINT_URL is not an endpoint"),
      (["AWS_USE_FIPS_ENDPOINT": "yes"], "InvalidEnvironment", "AWS_USE_FIPS_ENDPOINT is \"yes\""),
    ]
    for (variables, code, words) in table {
      #expect {
        _ = try ambient(variables).endpoints()
      } throws: { error in
        let reason = error as? FailureReason
        return reason?.code == code && reason?.message.contains(words) == true
          && reason?.message.contains("hunter2") == false
      }
    }
    #expect {
      _ = try Machine(config: "[default]\nuse_fips_endpoint = perhaps\n").ambient().endpoints()
    } throws: {
      ($0 as? FailureReason)?.message.hasPrefix("/home/a/.aws/config:2: use_fips_endpoint is \"perhaps\"") == true
    }
    #expect {
      _ = try Machine(files: MemoryFiles(unreadable: ["/home/a/.aws/config"])).ambient()
    } throws: {
      ($0 as? FailureReason)?.message == "/home/a/.aws/config cannot be read: permission denied"
    }
  }

  @Test("Proxies are read in small and capital letters and never printed")
  func proxies() {
    let proxies = ProxySettings(variables: [
      "HTTPS_PROXY": "http://u:hunter2@big:1", "https_proxy": "http://u:hunter2@small:1",
      "HTTP_PROXY": "http://plain:1",
      "no_proxy": "", "NO_PROXY": ".internal",
    ])
    #expect(proxies.proxy(scheme: "https").hasSuffix("@small:1"))
    #expect(proxies.proxy(scheme: "http") == "http://plain:1")
    #expect(proxies.exemptList.hasPrefix(".internal,169.254.169.254,"))
    var dumped = ""
    dump(proxies, to: &dumped)
    #expect(!dumped.contains("hunter2") && !"\(proxies)".contains("hunter2"))
    #expect(ProxySettings(variables: [:]).proxy(scheme: "https") == "")
    dumped = ""
    let environment = AmbientEnvironment(variables: ["AWS_SECRET_ACCESS_KEY": "hunter2"], home: "/")
    dump(environment, to: &dumped)
    #expect(!dumped.contains("hunter2") && !"\(environment)".contains("hunter2"))
  }
}
