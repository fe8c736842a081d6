"""BrowserGym (ServiceNow/BrowserGym), and with it AgentLab: our policy as an agent of their runners."""
