// ImageDiscovery
