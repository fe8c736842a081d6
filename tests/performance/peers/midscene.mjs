// Midscene on the page of the comparison: node midscene.mjs ADDRESS CHROMIUM STEPS
import { PuppeteerAgent } from "@midscene/web/puppeteer"
import puppeteer from "puppeteer-core"

const [address, executablePath, steps] = process.argv.slice(2)
const browser = await puppeteer.launch({
  executablePath, headless: true, args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
})
const page = await browser.newPage()
await page.setViewport({ width: 1280, height: 800 })
await page.goto(address)
const agent = new PuppeteerAgent(page, { generateReport: false, replanningCycleLimit: Number(steps) + 5 })
await agent.aiAct("Press the button again and again.")
await browser.close()
