*** Settings ***
Library    Browser    auto_closing_level=SUITE

*** Test Cases ***
Ten People
    New Browser    chromium    headless=True    executablePath=%{CHALLENGE_BROWSER}    args=["--no-sandbox"]
    New Page    %{CHALLENGE_URL}
    Click    text=Start
    FOR    ${person}    IN    @{PEOPLE}
        FOR    ${label}    ${value}    IN    &{person}
            Fill Text    xpath=//label[text()="${label}"]/following-sibling::input    ${value}
        END
        Click    input[type=submit]
    END
    ${result}=    Get Text    id=result
    Log    ${result}    console=True
