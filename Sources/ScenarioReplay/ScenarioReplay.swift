// ScenarioReplay
