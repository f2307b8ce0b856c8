"""The form that moves in Selenium, a field at a time; run by `bench browser --full` in an environment of its own."""

import csv
import os
import sys
from pathlib import Path

from selenium import webdriver

options = webdriver.ChromeOptions()
options.binary_location = os.environ["CHALLENGE_BROWSER"]
for argument in ("--headless=new", "--no-sandbox"):
    options.add_argument(argument)
driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(os.environ["CHALLENGE_DRIVER"]))
try:
    driver.get(os.environ["CHALLENGE_URL"])
    driver.find_element("id", "start").click()
    with (Path(__file__).parent / "people.csv").open(encoding="utf-8", newline="") as file:
        for person in csv.DictReader(file):
            for label, value in person.items():
                driver.find_element("xpath", f"//label[text()={label!r}]/following-sibling::input").send_keys(value)
            driver.find_element("css selector", "input[type=submit]").click()
    sys.stdout.write(driver.find_element("id", "result").text)
finally:
    driver.quit()
