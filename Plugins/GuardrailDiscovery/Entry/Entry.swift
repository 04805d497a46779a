// GuardrailDiscovery
