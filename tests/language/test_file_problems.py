"""What is wrong with a workflow file is told all at once: where, what was found, what was expected, what to do."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from language.office import OFFICE

from engine.errors import WorkflowError
from engine.loader import load_source

HEAD = "workflow: w\ninputs: {file: file, n: integer}\n"


@dataclass(frozen=True)
class Case:
    """A text, and its problems in the order of the file. A `bare` text is the whole file."""

    name: str
    text: str
    problems: tuple[str, ...]
    bare: bool = False


CASES = [
    Case(
        "an empty file",
        """""",
        (
            "1:1: the file is empty; expected a mapping with workflow and steps; begin with `workflow: its-id` and `steps:`",
        ),
        bare=True,
    ),
    Case(
        "a list",
        """- a
""",
        (
            "1:1: the file is a list of 1; expected a mapping with workflow and steps; begin with `workflow: its-id` and `steps:`",
        ),
        bare=True,
    ),
    Case(
        "misspelt keys",
        """workflw: x
stepz: []
""",
        (
            "1:1: the file has no workflw; expected one of inputs, on_exception, outputs, owner, queue, steps, title, triggers, verify, workflow; did you mean workflow?",
            "2:1: the file has no stepz; expected one of inputs, on_exception, outputs, owner, queue, steps, title, triggers, verify, workflow; did you mean steps?",
        ),
        bare=True,
    ),
    Case(
        "a key that is the same for every item",
        """workflow: w
inputs: {file: file}
queue: {key: item.file}
steps: [{shop.ping: }]
""",
        (
            "3:14: key of queue is the text 'item.file'; expected an expression such as ${{ item.number }}; write one: with plain text every item is a repeat of the first",
        ),
        bare=True,
    ),
    Case(
        "a default of another type",
        """workflow: w
inputs: {n: {type: integer, default: three}, day: {type: date, default: 31.12.2026}}
steps: [{shop.ping: }]
""",
        (
            "2:38: default of the input n is the text 'three'; expected a whole number; correct the value",
            "2:73: default of the input day is the text '31.12.2026'; expected a date such as 2026-03-31; correct the value",
        ),
        bare=True,
    ),
    Case(
        "an input without item",
        """workflow: w
inputs: {number: text}
steps:
  - set: {a: "${{ number }}"}
""",
        ("4:19: there is no name number; expected one of item, now, run, today; the item's own is item.number",),
        bare=True,
    ),
    Case(
        "a colon in a text with an expression",
        """steps:
  - fail:
      code: A
      message: Total: ${{ 1 }}
""",
        (
            '6:21: a colon inside a value or a wrong indentation; expected one `key: value` in a line; put the whole value in quotes: "..."',
        ),
    ),
    Case(
        "names without their braces",
        """workflow: w
inputs: {n: integer}
steps:
  - set: {a: item.n, b: "{{ item.n }}", c: "${item.n}", d: item.pdf, e: the item.n, f: "${{ x }}"}
outputs: {year: today.year}
""",
        (
            "4:14: warning: item.n is plain text here; expected ${{ item.n }} for its value; write it so if the value is meant",
            "4:25: warning: {{ item.n }} is plain text here; expected ${{ item.n }} for its value; write it so if the value is meant",
            "4:44: warning: ${item.n} is plain text here; expected ${{ item.n }} for its value; write it so if the value is meant",
            "4:93: there is no name x; expected one of item, now, run, today; bind it with `as` or `set` in a step before",
            "5:17: warning: today.year is plain text here; expected ${{ today.year }} for its value; write it so if the value is meant",
        ),
        bare=True,
    ),
    Case(
        "words of other languages",
        """steps:
  - {if: "${{ 1 > 0 AND 2 > 1 }}", set: {a: 1}}
  - {if: "${{ 1 > 5\u20ac }}", set: {a: 1}}
  - {if: "${{ 'a' == \u2018a\u2019 }}", set: {a: 1}}
""",
        (
            "4:21: AND is not an operator here; expected an expression; write `and`, in small letters",
            "5:20: a sign of a currency; expected an expression; write the number alone",
            "6:22: typographic quotes; expected an expression; write straight quotes: 'text'",
        ),
    ),
    Case(
        "a bad id",
        """workflow: Not Kebab
title: 5
queu: {}
steps: [{shop.ping: }]
""",
        (
            "1:11: workflow of the file is the text 'Not Kebab'; expected small letters, digits and hyphens, such as invoice-intake; correct the value",
            '2:8: title of the file is the number 5; expected text; put it in quotes: "5"',
            "3:1: the file has no queu; expected one of inputs, on_exception, outputs, owner, queue, steps, title, triggers, verify, workflow; did you mean queue?",
        ),
        bare=True,
    ),
    Case(
        "no steps in the list",
        """workflow: w
steps: []
""",
        ("2:8: steps is a list of 0; expected a list of steps; begin each with `- `",),
        bare=True,
    ),
    Case(
        "steps that are a mapping",
        """workflow: w
steps: {a: 1}
""",
        ("2:8: steps is a mapping with a; expected a list of steps; begin each with `- `",),
        bare=True,
    ),
    Case(
        "steps that are nothing",
        """workflow: w
steps:
""",
        ("2:7: steps is nothing (none); expected a list of steps; begin each with `- `",),
        bare=True,
    ),
    Case(
        "parts of the wrong kind",
        """workflow: w
inputs: [a]
triggers: {a: b}
queue: 5
steps: [{shop.ping: }]
verify: [a]
outputs: [a]
on_exception: x
""",
        (
            "2:9: inputs of the file is a list of 1; expected a mapping; correct the value",
            "3:11: triggers of the file is a mapping with a; expected a list; correct the value",
            "4:8: queue was given the number 5; expected a mapping; correct the value",
            "6:9: verify of the file is a list of 1; expected a mapping; correct the value",
            "7:10: outputs of the file is a list of 1; expected a mapping; correct the value",
            "8:15: on_exception was given the text 'x'; expected a mapping; correct the value",
        ),
        bare=True,
    ),
    Case(
        "inputs",
        """workflow: w
inputs: {a: money, b: monney, my-c: text, d: {typ: text}, e: {type: text, required: maybe}}
steps: [{shop.ping: }]
""",
        (
            "2:23: type of the input b is the text 'monney'; expected 'text', 'number', 'integer', 'money', 'date', 'datetime', 'bool', 'list', 'mapping' or 'file'; did you mean money?",
            "2:31: the input 'my-c' is not a name; expected a name; write letters, digits and _",
            "2:47: the input d has no typ; expected one of choices, default, description, max, min, pattern, required, type; did you mean type?",
            "2:85: required of the input e is the text 'maybe'; expected true or false; correct the value",
        ),
        bare=True,
    ),
    Case(
        "a queue",
        """workflow: w
steps: [{shop.ping: }]
queue: {key: 5, due: soon, priority: urgent, concurrency: 0, stop_after: never, kee: 1}
""",
        (
            '3:14: key of queue is the number 5; expected text; put it in quotes: "5"',
            "3:22: due of queue is the text 'soon'; expected a length of time such as 30s, 5m, 2 hours, 1 day, 4 business hours or 1 business day; correct the value",
            "3:38: priority of queue is the text 'urgent'; expected low, normal, high or one whole expression; correct the value",
            "3:59: concurrency of queue is the number 0; expected a number greater than or equal to 1; correct the value",
            "3:74: stop_after of queue is the text 'never'; expected a number of failures, such as 5 failures in a row; correct the value",
            "3:81: queue has no kee; expected one of again_after, concurrency, due, keep, key, needs, not_before, priority, quarantine_after, rate, retry, stop_after; did you mean keep?",
        ),
        bare=True,
    ),
    Case(
        "a queue's key",
        """workflow: w
steps: [{shop.ping: }]
queue: {key: '${{ itm.a }}', priority: '${{ item.a }}', retry: {wait: 1 business day}}
""",
        (
            "3:19: there is no name itm; expected one of item, now, run, today; did you mean item?",
            "3:45: the workflow declares no inputs; expected an input a; add it to `inputs`",
            "3:71: retry.wait of queue is the text '1 business day'; expected a length of time that does not depend on a calendar, such as 30s or 5m; correct the value",
        ),
        bare=True,
    ),
    Case(
        "triggers",
        """workflow: w
steps: [{shop.ping: }]
triggers:
  - folder: {match: '*.pdf'}
  - folders: {path: a}
  - text
  - {folder: a, mail: b}
  - mail: {connection: a, attachment: '${{ x }}'}
  - every: soon
  - at: {timezone: Mars}
  - webhook: {pth: x}
""",
        (
            "4:13: the trigger folder lacks path; expected path: the folder; add `path:`",
            "5:5: unknown trigger folders; expected one of at, every, folder, mail, manual, queue, schedule, spreadsheet, webhook; did you mean folder?",
            "6:5: a trigger that is the text 'text'; expected one kind of trigger with its options; write `- folder: {path: inbox}`",
            "7:5: a trigger that is a mapping with folder, mail; expected one kind of trigger with its options; write `- folder: {path: inbox}`",
            "8:11: an expression in the trigger mail; expected plain values; write the value itself; only `inputs` may work something out",
            "9:12: every of the trigger every is the text 'soon'; expected a length of time such as 30s, 5m, 2 hours, 1 day, 4 business hours or 1 business day; correct the value",
            "10:9: the trigger at lacks at; expected at: the time, or a list of times: 2026-03-31T17:00; add `at:`",
            "10:20: timezone of the trigger at is the text 'Mars'; expected the name of a time zone, such as Europe/Berlin or UTC; correct the value",
            "11:14: the trigger webhook lacks secret; expected secret: the name of the secret that signs the calls; add `secret:`",
            "11:15: the trigger webhook has no pth; expected one of input, inputs, path, secret, window; did you mean path?",
        ),
        bare=True,
    ),
    Case(
        "schedules",
        """workflow: w
steps: [{shop.ping: }]
triggers:
  - schedule: {cron: '0 25 * * *', timezone: Europe/Berln, missed: lst}
  - schedule: {cron: '0 0 30 2 *'}
  - schedule: 0 7 * *
""",
        (
            "4:22: cron of the trigger schedule is the text '0 25 * * *'; expected minute, hour, day, month, weekday, such as 0 7 * * mon-fri (Bad hour); correct the value",
            "4:46: timezone of the trigger schedule is the text 'Europe/Berln'; expected the name of a time zone, such as Europe/Berlin or UTC; correct the value",
            "4:68: missed of the trigger schedule is the text 'lst'; expected 'none', 'last' or 'all'; did you mean last?",
            "5:22: cron of the trigger schedule is the text '0 0 30 2 *'; expected minute, hour, day, month, weekday, such as 0 7 * * mon-fri (Bad day-of-month); correct the value",
            "6:15: cron of the trigger schedule is the text '0 7 * *'; expected minute, hour, day, month, weekday, such as 0 7 * * mon-fri (it has 4 fields); correct the value",
        ),
        bare=True,
    ),
    Case(
        "on_exception",
        """workflow: w
steps: [{shop.ping: }]
on_exception: {assign: [a], due: soon, notfy: chat}
""",
        (
            "3:24: assign of on_exception is a list of 1; expected text; correct the value",
            "3:34: due of on_exception is the text 'soon'; expected a length of time such as 30s, 5m, 2 hours, 1 day, 4 business hours or 1 business day; correct the value",
            "3:40: on_exception has no notfy; expected one of assign, due, notify; did you mean notify?",
        ),
        bare=True,
    ),
    Case(
        "outputs",
        """workflow: w
steps: [{shop.ping: }]
outputs: {a: '${{ nothing }}', b: '${{ 1 + }}'}
""",
        (
            "3:19: there is no name nothing; expected one of item, now, run, today; bind it with `as` or `set` in a step before",
            "3:44: `1 +` is not an expression: invalid syntax; expected an expression; check brackets, quotes and operators",
        ),
        bare=True,
    ),
    Case(
        "an unknown action",
        """steps:
  - shop.pong:
""",
        ("4:5: unknown action shop.pong; expected the name of an action; did you mean shop.ping?",),
    ),
    Case(
        "the end of an action's name",
        """steps:
  - find_bill: {}
""",
        ("4:5: unknown action find_bill; expected the name of an action; did you mean erp.find_bill?",),
    ),
    Case(
        "an action like no other",
        """steps:
  - xyzzy:
""",
        ("4:5: unknown action xyzzy; expected the name of an action; `actions` lists them all",),
    ),
    Case(
        "no action",
        """steps:
  - name: nothing here
""",
        ("4:5: a step without an action; expected one action; write what it does, for example `set: {total: 5}`",),
    ),
    Case(
        "text for a step",
        """steps:
  - just text
""",
        (
            "4:5: a step that is the text 'just text'; expected a mapping with one action; write `action: {...}` after the dash",
        ),
    ),
    Case(
        "nothing for a step",
        """steps:
  -
""",
        (
            "4:4: a step that is nothing (none); expected a mapping with one action; write `action: {...}` after the dash",
        ),
    ),
    Case(
        "two actions",
        """steps:
  - shop.ping:
    fail: {code: A, message: b}
""",
        ("5:5: a step with 2 actions: shop.ping and fail; expected one action in a step; make a step of each",),
    ),
    Case(
        "an unknown key beside an action",
        """steps:
  - shop.ping:
    ass: x
  - shop.ping:
    xyzzy: x
""",
        (
            "5:5: unknown key ass in a step; expected one action and name, as, if, for_each, each, max_parallel, retry, timeout, review, effect, on_error, finally, secrets; did you mean as?",
            "7:5: unknown key xyzzy in a step; expected one action and name, as, if, for_each, each, max_parallel, retry, timeout, review, effect, on_error, finally, secrets; shop.ping is its action; remove xyzzy or make a step of it",
        ),
    ),
    Case(
        "an unknown input",
        """steps:
  - erp.find_bill: {connection: erp, vendr: a}
""",
        (
            "4:20: erp.find_bill lacks number; expected number: the number on the invoice; add `number:`",
            "4:38: erp.find_bill has no vendr; expected one of connection, number, vendor; did you mean vendor?",
        ),
    ),
    Case(
        "numbers for text",
        """steps:
  - erp.find_bill: {connection: erp, vendor: 5, number: true}
""",
        (
            '4:46: vendor of erp.find_bill is the number 5; expected text; put it in quotes: "5"',
            '4:57: number of erp.find_bill is true; expected text; put it in quotes: "true"',
        ),
    ),
    Case(
        "an action without its input",
        """steps:
  - erp.find_bill:
""",
        (
            "4:5: erp.find_bill lacks connection; expected connection: the system; add `connection:`",
            "4:5: erp.find_bill lacks vendor; expected vendor: the vendor's name; add `vendor:`",
            "4:5: erp.find_bill lacks number; expected number: the number on the invoice; add `number:`",
        ),
    ),
    Case(
        "text for an input",
        """steps:
  - erp.find_bill: text
""",
        ("4:20: erp.find_bill was given the text 'text'; expected a mapping; correct the value",),
    ),
    Case(
        "inputs of the wrong type",
        """steps:
  - shop.order: {number: abc, on: 31.03.2026, speed: fats, urgent: maybe}
  - shop.order: {number: 0, on: 5}
""",
        (
            "4:26: number of shop.order is the text 'abc'; expected a whole number; correct the value",
            "4:35: on of shop.order is the text '31.03.2026'; expected a date such as 2026-03-31; correct the value",
            "4:54: speed of shop.order is the text 'fats'; expected 'slow' or 'fast'; did you mean fast?",
            "4:68: urgent of shop.order is the text 'maybe'; expected true or false; correct the value",
            "5:26: number of shop.order is the number 0; expected a number greater than or equal to 1; correct the value",
            "5:33: on of shop.order is the number 5; expected a date such as 2026-03-31; correct the value",
        ),
    ),
    Case(
        "inputs in a list",
        """steps:
  - shop.order: {number: 1, lines: [{text: a, amount: x}, {txt: b, amount: 1}]}
""",
        (
            "4:55: lines.0.amount of shop.order is the text 'x'; expected a number; correct the value",
            "4:60: lines.1 of shop.order has no txt; expected one of amount, text; did you mean text?",
        ),
    ),
    Case(
        "one kind or another",
        """steps:
  - shop.order: {number: 1, target: {text: a, amount: z}}
  - shop.order: {number: 1, target: 5}
""",
        (
            "4:55: target.amount of shop.order is the text 'z'; expected a number; correct the value",
            '5:37: target of shop.order is the number 5; expected text or a mapping; put it in quotes: "5"',
        ),
    ),
    Case(
        "an unknown name",
        """steps:
  - shop.order: {number: '${{ itm.n }}'}
""",
        ("4:31: there is no name itm; expected one of item, now, run, today; did you mean item?",),
    ),
    Case(
        "an unknown input of the item",
        """steps:
  - shop.order: {number: '${{ item.m }}'}
""",
        ("4:31: there is no input m; expected one of file, n; add it to `inputs`",),
    ),
    Case(
        "an unknown field",
        """steps:
  - shop.order: {number: '${{ item.file.nam }}'}
  - shop.order: {number: '${{ today.yeer }}'}
  - shop.order: {number: '${{ run.idd }}'}
""",
        (
            "4:31: item.file has no field nam; expected one of name, path, sha256; did you mean name?",
            "5:31: today has no field yeer; expected one of day, month, quarter, week, weekday, year; did you mean year?",
            "6:31: run has no field idd; expected one of id, workflow; did you mean id?",
        ),
    ),
    Case(
        "a field that the action does not give",
        """steps:
  - erp.find_bill: {connection: erp, vendor: a, number: b}
    as: bill
  - set: {a: '${{ bill.fund }}'}
""",
        ("6:19: bill has no field fund; expected one of found, id; did you mean found?",),
    ),
    Case(
        "a result that is nothing",
        """steps:
  - shop.ping:
    as: pong
  - set: {a: '${{ pong.x }}'}
""",
        ("6:19: pong has no field x; it gives nothing; expected a step with a result; name another step's result",),
    ),
    Case(
        "a field of what set binds",
        """steps:
  - set: {a: {b: {c: 1}}}
  - set: {d: '${{ a.b.x }}'}
""",
        ("5:19: a.b has no field x; expected one of c; write one of those",),
    ),
    Case(
        "a function without its brackets",
        """steps:
  - set: {a: '${{ upper }}'}
""",
        ("4:19: upper is a function; expected the name of a value; write upper(value)",),
    ),
    Case(
        "a wrong expression",
        """steps:
  - set: {a: '${{ item.n + }}', b: '${{ item.n', c: '${{ uper(item.n) }}'}
""",
        (
            "4:28: `item.n +` is not an expression: invalid syntax; expected an expression; check brackets, quotes and operators",
            "4:36: ${{ is never closed; expected }} after the expression; add }}",
            "4:58: there is no function uper; expected an expression; did you mean upper?",
        ),
    ),
    Case(
        "a name bound later",
        """steps:
  - set: {a: '${{ b }}'}
  - set: {b: 1}
""",
        (
            "4:19: b is bound only later, in line 5; expected a name bound before this step; move that step before this one",
        ),
    ),
    Case(
        "a name bound only under a condition",
        """steps:
  - if: ${{ item.n > 1 }}
    set: {a: 1}
  - set: {b: '${{ a }}'}
""",
        (
            "6:19: a is bound only if the step in line 5 runs to its end; expected a name that is always bound; bind it in every case, for example by `set` before it",
        ),
    ),
    Case(
        "a name bound only in a branch",
        """steps:
  - if: ${{ item.n > 1 }}
    group:
      - set: {a: 1}
      - shop.ping:
        as: b
  - set: {c: '${{ a }}', d: '${{ b }}'}
""",
        (
            "9:19: a is bound only if the step in line 5 runs to its end; expected a name that is always bound; bind it in every case, for example by `set` before it",
            "9:34: b is bound only if the step in line 5 runs to its end; expected a name that is always bound; bind it in every case, for example by `set` before it",
        ),
    ),
    Case(
        "a name bound only in a loop",
        """steps:
  - for_each: [1, 2]
    each: row
    group:
      - set: {a: '${{ row }}'}
  - set: {b: '${{ a }}', c: '${{ row }}'}
""",
        (
            "8:19: a is bound only inside the loop in line 6; expected a name that is always bound; bind it in every case, for example by `set` before it",
            "8:34: there is no name row; expected one of item, now, run, today; did you mean now?",
        ),
    ),
    Case(
        "names of a handled error",
        """steps:
  - shop.ping:
    on_error:
      - set: {a: '${{ error.cod }}'}
  - set: {b: '${{ a }} ${{ error.code }}'}
""",
        (
            "6:23: error has no field cod; expected one of code, message, step; did you mean code?",
            "7:19: a is bound only if the step in line 4 fails; expected a name that is always bound; bind it in every case, for example by `set` before it",
            "7:28: there is no name error; expected one of item, now, run, today; bind it with `as` or `set` in a step before",
        ),
    ),
    Case(
        "a condition that is none",
        """steps:
  - if: yes please
    shop.ping:
  - if: 5
    shop.ping:
  - if: 'a ${{ item.n }}'
    shop.ping:
""",
        (
            "4:9: if is the text 'yes please'; expected true, false or one whole expression; write it as ${{ ... }}",
            "6:9: if is the number 5; expected true, false or one whole expression; write true, false or ${{ ... }}",
            "8:9: if is the text 'a ${{ item.n }}'; expected true, false or one whole expression; write it as ${{ ... }}",
        ),
    ),
    Case(
        "a loop over text",
        """steps:
  - for_each: rows
    shop.ping:
""",
        ("4:15: for_each is the text 'rows'; expected a list or one whole expression; write it as ${{ rows }}",),
    ),
    Case(
        "parallel effects",
        """steps:
  - for_each: ['${{ 1 }}']
    max_parallel: 2
    shop.order: {number: 1}
  - max_parallel: 0
    shop.ping:
""",
        (
            "5:19: max_parallel on a step with an effect; expected it on steps that only read; remove it: effects are done one after the other",
            "7:19: max_parallel is the number 0; expected a whole number from 1 up; correct the value",
        ),
    ),
    Case(
        "a timeout",
        """steps:
  - timeout: 30
    shop.ping:
  - timeout: 1 business day
    shop.ping:
""",
        (
            "4:14: timeout is the number 30; expected a length of time such as 30s, 5m, 2 hours, 1 day, 4 business hours or 1 business day; write for example 30s",
            "6:14: timeout is the text '1 business day'; expected a time in seconds, minutes or hours; write 30s",
        ),
    ),
    Case(
        "a retry",
        """steps:
  - retry: {attempts: 0, wait: soon, facto: 2}
    shop.ping:
  - retry: many
    shop.ping:
  - retry: 0
    shop.ping:
""",
        (
            "4:23: attempts of retry is the number 0; expected a number greater than or equal to 1; correct the value",
            "4:32: wait of retry is the text 'soon'; expected a length of time such as 30s, 5m, 2 hours, 1 day, 4 business hours or 1 business day; correct the value",
            "4:38: retry has no facto; expected one of attempts, factor, jitter, never, on, wait; did you mean factor?",
            "6:12: retry was given the text 'many'; expected a mapping; correct the value",
            "8:12: attempts of retry is the number 0; expected a number greater than or equal to 1; correct the value",
        ),
    ),
    Case(
        "an on_error",
        """steps:
  - on_error: stop
    shop.ping:
""",
        ("4:15: on_error is the text 'stop'; expected `continue` or a list of steps; begin each step with `- `",),
    ),
    Case(
        "secrets",
        """steps:
  - secrets: {a: b}
    shop.ping:
""",
        ("4:14: secrets is a mapping with a; expected a list of names; write [name, name]",),
    ),
    Case(
        "a name with an expression",
        """steps:
  - name: ${{ item.n }}
    shop.ping:
  - name: 5
    shop.ping:
""",
        (
            "4:11: name is the text '${{ item.n }}'; expected text without expressions; put it in quotes",
            "6:11: name is the number 5; expected text; put it in quotes",
        ),
    ),
    Case(
        "names for results",
        """steps:
  - as: my-bill
    shop.ping:
  - as: item
    shop.ping:
  - as: class
    shop.ping:
  - as: 5
    shop.ping:
  - as: a b
    shop.ping:
""",
        (
            "4:9: 'my-bill' is not a name; expected letters, digits and _; write my_bill",
            "6:9: the name item is taken: every step has it; expected letters, digits and _; use another name",
            "8:9: the name class is a word of the expression language; expected letters, digits and _; use another name",
            "10:9: as is the number 5; expected a name; write letters, digits and _",
            "12:9: 'a b' is not a name; expected letters, digits and _; write a_b",
        ),
    ),
    Case(
        "names that set binds",
        """steps:
  - set: {my-name: 1, today: 2}
  - set: [a]
""",
        (
            "4:11: 'my-name' is not a name; expected letters, digits and _; write my_name",
            "4:23: the name today is taken: every step has it; expected letters, digits and _; use another name",
            "5:10: set was given a list of 1; expected names and values; write `set: {name: value}`",
        ),
    ),
    Case(
        "finally without a group",
        """steps:
  - finally: [{shop.ping: }]
    shop.ping:
""",
        ("4:5: finally beside shop.ping; expected it beside a group; put the steps into a group",),
    ),
    Case(
        "an effect on what has none",
        """steps:
  - effect: {key: a}
    shop.ping:
""",
        ("4:5: effect on shop.ping, which changes nothing outside; expected it on a step with an effect; remove it",),
    ),
    Case(
        "an effect nobody looks up",
        """steps:
  - effect: {verify: look}
    shop.order: {number: 1}
""",
        (
            "5:5: shop.order is looked up by look, which does not exist; expected a section `verify`; add `look:` under `verify`",
        ),
    ),
    Case(
        "an effect's options",
        """steps:
  - effect: read
    shop.order: {number: 1}
  - effect: {kee: x}
    shop.order: {number: 1}
""",
        (
            "4:13: effect is the text 'read'; expected none, or a key and verify; write `effect: none`, or `effect: {key: ...}`",
            "6:14: effect has no kee; expected one of key, verify; did you mean key?",
        ),
    ),
    Case(
        "a review",
        """steps:
  - review: {assign: a}
    shop.ping:
  - review: {when: maybe}
    shop.ping:
  - review: yes
    shop.ping:
""",
        (
            "4:13: review lacks when; expected when: a condition on the result; add `when:`",
            "6:20: when is the text 'maybe'; expected true, false or one whole expression; write it as ${{ ... }}",
            "8:13: review was given the text 'yes'; expected a mapping; correct the value",
        ),
    ),
    Case(
        "a review's own result",
        """steps:
  - document.read: {file: a, fields: b}
    as: invoice
    review: {when: '${{ invoice.confidense < 1 }}'}
""",
        (
            "6:25: invoice has no field confidense; expected one of confidence, number, problems, seller, total; did you mean confidence?",
        ),
    ),
    Case(
        "what an action's own rules say",
        """steps:
  - shop.parcel: {weight: 2000, size: lage, colour: blue}
""",
        (
            "4:27: weight of shop.parcel is the number 2000; expected at most 1000 grams; correct the value",
            "4:39: size of shop.parcel: there is no size lage; expected small or large; did you mean large?",
            "4:53: colour of shop.parcel is the text 'blue'; expected any colour but blue; take red",
        ),
    ),
    Case(
        "settle among the steps",
        """steps:
  - settle: {done: true, not_done: false}
""",
        (
            "4:5: settle among the steps; expected it under `verify` only; move it to the end of a section under `verify`",
        ),
    ),
    Case(
        "fail",
        """steps:
  - fail: {code: not good, message: x}
  - fail: {message: x}
""",
        (
            "4:18: code of fail is the text 'not good'; expected a code in capitals, such as DUPLICATE_INVOICE; correct the value",
            "5:11: fail lacks code; expected code: what it is, in capitals: DUPLICATE_INVOICE; add `code:`",
        ),
    ),
    Case(
        "approve",
        """steps:
  - approve: {by: a, nott: b, within: soon}
  - approve: {by: a, show: [item.x, nobody]}
""",
        (
            "4:22: approve has no nott; expected one of by, message, not, show, within; did you mean not?",
            "4:39: within of approve is the text 'soon'; expected a length of time such as 30s, 5m, 2 hours, 1 day, 4 business hours or 1 business day; correct the value",
            "5:29: there is no input x; expected one of file, n; add it to `inputs`",
            "5:37: there is no name nobody; expected one of item, now, run, today; bind it with `as` or `set` in a step before",
        ),
    ),
    Case(
        "a step review",
        """steps:
  - review: {wen: true}
    name: a
""",
        ("4:14: review has no wen; expected one of assign, message, show, when; did you mean when?",),
    ),
    Case(
        "wait",
        """steps:
  - wait: {for: 1h, until: x}
  - wait: {}
  - wait: {for: soon}
  - wait: {fore: 1h}
""",
        (
            "4:11: wait was given a mapping with for, until; expected exactly one of for, until, file, item; correct the value",
            "5:11: wait was given an empty mapping; expected exactly one of for, until, file, item; correct the value",
            "6:17: for of wait is the text 'soon'; expected a length of time such as 30s, 5m, 2 hours, 1 day, 4 business hours or 1 business day; correct the value",
            "7:12: wait has no fore; expected one of file, for, item, until; did you mean for?",
        ),
    ),
    Case(
        "call and queue.add",
        """steps:
  - call: {inputs: {}}
  - queue.add: {workflow: x, items: {a: b}}
""",
        (
            "4:11: call lacks workflow; expected workflow: the id of the other workflow; add `workflow:`",
            "5:37: items of queue.add is a mapping with a; expected a list; correct the value",
        ),
    ),
    Case(
        "a group",
        """steps:
  - group: {stepz: []}
  - group: []
  - group: {steps: [{shop.pong: }], finally: []}
""",
        (
            "4:13: group has no stepz; expected one of finally, steps; did you mean steps?",
            "5:12: group is a list of 0; expected a list of steps; begin each with `- `",
            "6:22: unknown action shop.pong; expected the name of an action; did you mean shop.ping?",
            "6:46: finally is a list of 0; expected a list of steps; begin each with `- `",
        ),
    ),
    Case(
        "parallel",
        """steps:
  - parallel: {a: b}
""",
        ("4:15: parallel is a mapping with a; expected a list of steps; begin each with `- `",),
    ),
    Case(
        "a look-up",
        """steps:
  - shop.order: {number: 1}
    effect: {verify: lok}
verify:
  look:
    - shop.order: {number: 1}
    - set: {a: "${{ b }}"}
  other:
    - shop.ping:
      as: pong
    - settle: {done: "${{ pong.x == 1 }}", not_done: "yes"}
  empty: []
  wrong: 5
""",
        (
            "4:5: shop.order is looked up by lok, which does not exist; expected one of empty, look, other, wrong; did you mean look?",
            "7:3: the look-up look does not end with settle; expected settle as its last step; end it with `- settle: {done: ..., not_done: ...}`",
            "8:7: shop.order in a look-up has an effect; expected steps that only read; use an action that reads; write `effect: none` on a step that you know only reads",
            "9:21: there is no name b; expected one of item, now, run, today; bind it with `as` or `set` in a step before",
            "13:27: pong has no field x; it gives nothing; expected a step with a result; name another step's result",
            "13:54: not_done of settle is the text 'yes'; expected true, false or one whole expression, such as ${{ total > 0 }}; correct the value",
            "14:10: verify.empty is a list of 0; expected a list of steps; begin each with `- `",
            "15:10: verify.wrong is the number 5; expected a list of steps; begin each with `- `",
        ),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_wrong_file_is_told_what_to_do_about(case: Case) -> None:
    with pytest.raises(WorkflowError) as caught:
        load_source(case.text if case.bare else HEAD + case.text, "w.yaml", OFFICE)
    assert [str(problem) for problem in caught.value.problems] == [f"w.yaml:{problem}" for problem in case.problems]
    assert str(caught.value) == "\n".join(f"w.yaml:{problem}" for problem in case.problems)
