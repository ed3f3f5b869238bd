"""The table of the classes."""

from kerasfg.evaluation.report.per_class_file import write_per_class
from kerasfg.evaluation.report.report import evaluate_predictions


def test_the_worst_class_comes_first_and_no_name_is_a_formula(tmp_path):
    labels = [0, 0, 1]
    given = [[0.2, 0.7, 0.1], [0.8, 0.1, 0.1], [0.1, 0.8, 0.1]]
    names = ["crow", "=1+1", "never, seen"]
    report = evaluate_predictions(labels, given, labels, given, names)
    write_per_class(report, tmp_path / "per_class.csv")
    assert (tmp_path / "per_class.csv").read_text().splitlines() == [
        "class,n,accuracy,precision,f1,"
        "accuracy_low,accuracy_high,precision_low,precision_high",
        "crow,2,0.5000,1.0000,0.6667,0.0945,0.9055,0.2065,1.0000",
        "'=1+1,1,1.0000,0.5000,0.6667,0.2065,1.0000,0.0945,0.9055",
        '"never, seen",0,,,,,,,',
    ]
