// EC2Simulator
