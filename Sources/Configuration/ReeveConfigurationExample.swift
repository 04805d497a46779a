/// A `reeve.yaml` with every key, for the README and for a first start.
package enum ReeveConfigurationExample {
  package static let text = """
    # reeve.yaml: every key but version may be left out.
    version: 1

    # Where Reeve starts from. Left out: as the AWS CLI chooses.
    profile: security-audit
    region: eu-central-1

    # The chain of roles, in the order they are assumed. The last one is assumed in every account.
    roles:
    - arn: arn:aws:iam::210987654321:role/ReeveHub
      sessionName: reeve-nightly
    - name: ReeveRead          # short for arn:{partition}:iam::{account}:role/ReeveRead
      externalId: reeve-7f3a
      duration: 1h
      tags:
        purpose: image-governance

    organization:
      # accounts: ["012345678901"]   # instead of listing the organization, where that is not allowed
      include:
        units: [ou-ab12-cdefgh34]
        tags:
          environment: [production, staging]
      exclude:
        accounts:
        - "345678901234"        # closing in December

    regions:
      include: [eu-*, us-east-1]
      exclude: [eu-south-2]

    checks:
      include: ["*"]
      exclude: [snapshot.block-public-access-off]

    # Images may be shared with these as well. The organization itself is always trusted.
    trusted:
    - "567890123456"
    - arn:aws:organizations::678901234567:organization/o-exampleorg

    plugins:
      # directories: [plugins]  # the team's own, each locked in
      # lock: plugins.lock      # by `reeve plugin lock`
      isolation: inline         # the shipped ones; the team's own run in a sandbox, unless their lock says otherwise
      degradedSandbox: refuse   # where the kernel has no Landlock or no seccomp
      # trustedKeys: ["ed25519:…"]  # if any is named, one of them must have signed each of them
      configuration:
        reeve.tag-policy:
          required:
          - key: Owner
            aliases: [team]
          - key: Purpose
            values: [base, build, application]

    ledger: reeve.db
    failOn: medium

    limits:
      share: 0.5                # of AWS's published request rates
      concurrency: 32           # scopes at a time
      maxDuration: 2h
      launchPermissionsMaximumAge: 24h
      attempts: 8

    budgets:
      actionsPerRun: 100
      actionsPerAccount: 25
      actionsPerDay: 500
      failureRate: 0.1

    """
}
