import json
import math
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
import unittest
from decimal import Decimal
from pathlib import Path

import tunesmith
from tunesmith._attempt import Attempt

SOURCE = str(Path(__file__).parents[1] / "src")


class StudyCase(unittest.TestCase):
    """An attempt folder as the runner lays it out."""

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.root = Path(temporary.name)
        self.folder = self.root / "attempt"
        self.folder.mkdir()
        self.saves = self.root / "saves"
        self.settings = {
            "params": {"lr": 0.01, "optimizer": "adam"}, "trial": 7, "replicate": 0, "attempt": 1, "seed": 42,
            "fidelity": 9, "fidelity_max": 27, "decision_steps": [3, 9, 27],
        }

    def environ(self, **more):
        (self.folder / "params.json").write_text(json.dumps(self.settings))
        return {"TUNESMITH_DIR": str(self.folder), "TUNESMITH_SAVE_DIR": str(self.saves), "TUNESMITH_FIDELITY": "9", **more}

    def attempt(self, **more):
        return Attempt(self.environ(**more))

    def decide(self, step, decision):
        unfinished = self.folder / "decision.json.tmp"
        unfinished.write_text(json.dumps({"step": step, "decision": decision, "rule": "asha", "seq": step}))
        unfinished.replace(self.folder / "decision.json")

    def reports(self):
        return [json.loads(line) for line in (self.folder / "reports.jsonl").read_text().splitlines()]

    def checkpoint_folder(self, step):
        folder = self.root / f"step-{step}"
        folder.mkdir()
        return str(folder)


class ParamsTest(StudyCase):
    def test_the_study_overrides_defaults_and_keeps_the_others(self):
        p = self.attempt().params(lr=0.001, momentum=0.9)
        self.assertEqual(dict(p), {"lr": 0.01, "momentum": 0.9, "optimizer": "adam"})
        self.assertEqual((p.lr, p["optimizer"], len(p)), (0.01, "adam", 3))

    def test_an_unknown_name_is_refused_with_the_known_ones(self):
        with self.assertRaisesRegex(AttributeError, "named layers; there are lr, optimizer"):
            self.attempt().params().layers

    def test_they_survive_pickling(self):
        p = self.attempt().params()
        self.assertEqual(dict(pickle.loads(pickle.dumps(p))), dict(p))

    def test_number_and_seed_come_from_the_runner(self):
        self.assertEqual((self.attempt().trial_number(), self.attempt().seed()), (7, 42))


class StepsTest(StudyCase):
    def test_they_go_to_the_target_not_to_the_maximum(self):
        self.assertEqual(list(self.attempt().steps(81)), list(range(1, 10)))

    def test_they_start_behind_the_checkpoint_that_was_asked_for(self):
        attempt = self.attempt(TUNESMITH_RESUME_DIR=self.checkpoint_folder(3))
        self.assertEqual(attempt.checkpoint(), self.root / "step-3")
        self.assertEqual(list(attempt.steps(81)), list(range(4, 10)))

    def test_they_start_at_1_when_nobody_asked_for_the_checkpoint(self):
        attempt = self.attempt(TUNESMITH_RESUME_DIR=self.checkpoint_folder(3))
        self.assertEqual(next(attempt.steps(81)), 1)

    def test_they_end_when_told_to_stop_or_pause(self):
        for decision in ("stop", "pause"):
            attempt = self.attempt()
            self.decide(0, "continue")
            done = []
            for step in attempt.steps(81):
                done.append(step)
                if step == 2:
                    self.decide(2, decision)
            self.assertEqual(done, [1, 2])
            self.assertTrue(attempt.should_stop())

    def test_without_a_checkpoint_there_is_none(self):
        self.assertIsNone(self.attempt().checkpoint())

    def test_a_resume_folder_that_is_no_checkpoint_is_refused(self):
        with self.assertRaisesRegex(FileNotFoundError, "not a folder named step-N"):
            self.attempt(TUNESMITH_RESUME_DIR=str(self.root / "step-4")).checkpoint()
        with self.assertRaisesRegex(FileNotFoundError, "not a folder named step-N"):
            self.attempt(TUNESMITH_RESUME_DIR=str(self.folder)).checkpoint()


class SaveTest(StudyCase):
    def test_the_folder_appears_under_its_name_only_when_the_block_is_done(self):
        with self.attempt().save(3) as folder:
            (folder / "deep").mkdir()
            (folder / "deep" / "state.txt").write_text("weights")
            self.assertEqual([path.name for path in self.saves.iterdir()], ["step-3.tmp"])
        self.assertEqual([path.name for path in self.saves.iterdir()], ["step-3"])
        self.assertEqual((self.saves / "step-3" / "deep" / "state.txt").read_text(), "weights")

    def test_a_failing_block_leaves_nothing_behind(self):
        with self.assertRaisesRegex(RuntimeError, "out of memory"):
            with self.attempt().save(3) as folder:
                (folder / "state.txt").write_text("half")
                raise RuntimeError("out of memory")
        self.assertEqual(list(self.saves.iterdir()), [])

    def test_a_second_save_of_a_step_replaces_the_first_and_starts_empty(self):
        for name in ("old.txt", "new.txt"):
            (self.saves / "step-3.tmp").mkdir(parents=True)
            (self.saves / "step-3.tmp" / "left-by-a-killed-run").touch()
            with self.attempt().save(3) as folder:
                (folder / name).touch()
        self.assertEqual([path.name for path in self.saves.iterdir()], ["step-3"])
        self.assertEqual([path.name for path in (self.saves / "step-3").iterdir()], ["new.txt"])

    def test_other_ranks_keep_nothing(self):
        with self.attempt(RANK="1").save(3) as folder:
            (folder / "state.txt").touch()
        self.assertFalse(folder.exists())
        self.assertFalse(self.saves.exists())


class ReportTest(StudyCase):
    def test_a_report_is_one_line_of_json(self):
        attempt = self.attempt()
        attempt.report(1, None, {"val_loss": 0.5, "val/accuracy": 1})
        attempt.report(2, 0, {"val_loss": Decimal("0.25")})
        text = (self.folder / "reports.jsonl").read_text()
        self.assertEqual(text, '{"step":1,"metrics":{"val_loss":0.5,"val/accuracy":1.0}}\n{"step":2,"fold":0,"metrics":{"val_loss":0.25}}\n')

    def test_non_finite_numbers_travel_as_text(self):
        self.attempt().report(1, None, {"a": math.nan, "b": math.inf, "c": -math.inf})
        self.assertEqual(self.reports(), [{"step": 1, "metrics": {"a": "NaN", "b": "Infinity", "c": "-Infinity"}}])

    def test_numpy_scalars_are_numbers(self):
        try:
            import numpy
        except ImportError:
            self.skipTest("NumPy is not installed here")
        self.attempt().report(numpy.int64(1), None, {"a": numpy.float32(0.5), "b": numpy.float64("nan"), "c": numpy.array(2)})
        self.assertEqual(self.reports(), [{"step": 1, "metrics": {"a": 0.5, "b": "NaN", "c": 2.0}}])

    def test_faulty_reports_are_refused_and_leave_no_line(self):
        attempt = self.attempt()
        for step, metrics, error, message in [
            (1, {"val_loss": None}, TypeError, "val_loss is None, not a number"),
            (1, {"val_loss": "low"}, TypeError, "val_loss is 'low', not a number"),
            (-1, {"val_loss": 1}, ValueError, "step is -1"),
            (1.5, {"val_loss": 1}, TypeError, "float"),
            (1, {}, ValueError, "at least one metric"),
        ]:
            with self.assertRaisesRegex(error, message):
                attempt.report(step, None, metrics)
        self.assertFalse((self.folder / "reports.jsonl").exists())

    def test_lines_of_many_threads_stay_whole(self):
        attempt = self.attempt()
        threads = [threading.Thread(target=lambda k=k: [attempt.report(100 + k, None, {"x": i}) for i in range(50)]) for k in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(self.reports()), 400)

    def test_other_ranks_write_nothing_but_hear_the_decision(self):
        self.decide(3, "stop")
        self.assertEqual(self.attempt(RANK="1").report(3, None, {"val_loss": 1}), "stop")
        self.assertFalse((self.folder / "reports.jsonl").exists())

    def test_a_report_that_cannot_be_written_fails_loudly(self):
        (self.folder / "reports.jsonl").mkdir()
        with self.assertRaises(OSError):
            self.attempt().report(1, None, {"val_loss": 1})


class DecisionTest(StudyCase):
    def test_between_decision_steps_the_latest_decision_is_the_answer_at_once(self):
        attempt = self.attempt()
        self.assertEqual(attempt.report(1, None, {"val_loss": 1}), "continue")
        self.decide(1, "stop")
        self.assertEqual(attempt.report(2, None, {"val_loss": 1}), "stop")

    def test_at_a_decision_step_report_waits_for_the_answer_to_that_step(self):
        attempt = self.attempt()
        self.decide(2, "continue")
        runner = threading.Timer(0.15, lambda: self.decide(3, "pause"))
        runner.start()
        self.assertEqual(attempt.report(3, None, {"val_loss": 1}), "pause")
        runner.join()

    def test_an_answer_to_a_later_step_counts(self):
        self.decide(9, "continue")
        began = time.monotonic()
        self.assertEqual(self.attempt().report(3, None, {"val_loss": 1}), "continue")
        self.assertLess(time.monotonic() - began, 4)

    def test_an_earlier_stop_is_not_waited_behind(self):
        self.decide(2, "stop")
        began = time.monotonic()
        self.assertEqual(self.attempt().report(3, None, {"val_loss": 1}), "stop")
        self.assertLess(time.monotonic() - began, 4)

    def test_without_an_answer_it_continues_after_5_seconds(self):
        began = time.monotonic()
        self.assertEqual(self.attempt().report(3, None, {"val_loss": 1}), "continue")
        self.assertGreaterEqual(time.monotonic() - began, 5)

    def test_a_report_without_the_objective_does_not_wait(self):
        self.settings["objectives"] = ["val_loss"]
        began = time.monotonic()
        self.assertEqual(self.attempt().report(3, None, {"train_loss": 1}), "continue")
        self.assertLess(time.monotonic() - began, 4)

    def test_a_torn_decision_leaves_the_last_one_standing(self):
        attempt = self.attempt()
        self.decide(2, "stop")
        self.assertTrue(attempt.should_stop())
        (self.folder / "decision.json").write_text('{"step": 3, "deci')
        self.assertTrue(attempt.should_stop())


class SigtermTest(StudyCase):
    SCRIPT = """
        import os, signal, tunesmith
        for step in tunesmith.steps(9):
            if step == 2: os.kill(os.getpid(), signal.SIGTERM)
            with tunesmith.save(step) as folder: (folder / "state").touch()
            print(step, tunesmith.report(step, val_loss=1.0), flush=True)
        print("left", flush=True)
        os.kill(os.getpid(), signal.SIGTERM)
        print("never", flush=True)
    """

    def test_the_running_step_is_finished_and_saved_then_the_default_is_back(self):
        script = [sys.executable, "-c", textwrap.dedent(self.SCRIPT)]
        ended = subprocess.run(script, env={**os.environ, **self.environ(), "PYTHONPATH": SOURCE}, stdout=subprocess.PIPE, timeout=60)
        self.assertEqual(ended.stdout.decode().splitlines(), ["1 continue", "2 stop", "left"])
        self.assertEqual(ended.returncode, -signal.SIGTERM)
        self.assertEqual(sorted(path.name for path in self.saves.iterdir()), ["step-1", "step-2"])


class OutsideAStudyTest(unittest.TestCase):
    SCRIPT = """
        import tunesmith
        p = tunesmith.params(lr=0.001)
        done = []
        for step in tunesmith.steps(3):
            with tunesmith.save(step) as folder: (folder / "state").touch()
            done.append((step, tunesmith.report(step, val_loss=0.5), folder.exists()))
        print(p, tunesmith.checkpoint(), done, tunesmith.should_stop(), tunesmith.trial_number(), tunesmith.seed())
    """

    def test_every_call_is_harmless(self):
        environ = {name: value for name, value in os.environ.items() if not name.startswith("TUNESMITH_")}
        with tempfile.TemporaryDirectory() as folder:
            script = [sys.executable, "-c", textwrap.dedent(self.SCRIPT)]
            ended = subprocess.run(script, cwd=folder, env={**environ, "PYTHONPATH": SOURCE}, stdout=subprocess.PIPE, timeout=60)
            self.assertEqual(os.listdir(folder), [])
        steps = "[(1, 'continue', False), (2, 'continue', False), (3, 'continue', False)]"
        self.assertEqual(ended.stdout.decode(), f"Params(lr=0.001) None {steps} False None 0\n")

    def test_the_public_names_are_documented(self):
        self.assertEqual([name for name in tunesmith.__all__ if not getattr(tunesmith, name).__doc__], [])


if __name__ == "__main__":
    unittest.main()
