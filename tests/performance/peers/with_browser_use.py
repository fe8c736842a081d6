"""browser-use on the page, in its own environment: python with_browser_use.py ADDRESS CHROMIUM STEPS."""

import asyncio
import sys

from browser_use import Agent, Browser, ChatOpenAI


async def main(address: str, chromium: str, steps: int) -> None:
    browser = Browser(
        executable_path=chromium, headless=True,
        viewport={"width": 1280, "height": 800}, enable_default_extensions=False,
        args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
    )  # fmt: skip
    model = ChatOpenAI(model="model", base_url=f"{address}/v1", api_key="none")
    agent = Agent(
        task="Press the button again and again.", llm=model, browser=browser, use_vision=True, use_judge=False,
        initial_actions=[{"navigate": {"url": address, "new_tab": False}}],
    )  # fmt: skip
    await agent.run(max_steps=steps)
    await browser.kill()


asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
