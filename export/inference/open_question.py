"""OpenQuestion: what a model does not show and has to be given."""


class OpenQuestion(ValueError):
    """Something about a model that must not be guessed.

    Args:
        reason: What is not known, a sentence without its full stop.
        argument: Name of the argument that answers it.
        answer: What to give, in a few words.

    Attributes:
        reason: As the argument.
        argument: As the argument.
        answer: As the argument.
        questions: List of this question.

    Example:

    >>> str(OpenQuestion("The sky is hidden", "colour", "blue or grey"))
    'The sky is hidden: give the `colour`, blue or grey. Received: colour=None'
    """

    def __init__(self, reason, argument, answer):
        self.reason, self.argument, self.answer = reason, argument, answer
        self.questions = [self]
        super().__init__(
            f"{reason}: give the `{argument}`, {answer}. "
            f"Received: {argument}=None"
        )


class OpenQuestions(ValueError):
    """Several open questions.

    Args:
        questions: List of `OpenQuestion`.

    Attributes:
        questions: As the argument.
    """

    def __init__(self, questions):
        self.questions = questions
        texts = [f"`{q.argument}`, {q.answer} ({q.reason})" for q in questions]
        super().__init__(
            "A model must be described where it does not show how it is used: "
            f"give {'; '.join(texts)}. "
            f"Received: {', '.join(f'{q.argument}=None' for q in questions)}"
        )


def ask(questions):
    """Raises one error for all open questions; does nothing for none.

    Args:
        questions: List of `OpenQuestion`.

    Raises:
        OpenQuestion: If there is one question.
        OpenQuestions: If there are several.
    """
    if questions:
        raise questions[0] if len(questions) == 1 else OpenQuestions(questions)
