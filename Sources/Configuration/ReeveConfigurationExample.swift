/// A `reeve.yaml` with every key, for the README and for a first start.
package enum ReeveConfigurationExample {
  package static let text = """
    version: 1

    """
}
