"""Headers of every answer that is made here: what browsers and caches may do with it.

Those of Django and the content policy are settings; static files have their own from whitenoise.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

Answer = Callable[[HttpRequest], HttpResponse]

# Nothing of ours asks for any of these, and nothing that gets in shall.
_FEATURES = (
    *("accelerometer", "autoplay", "camera", "display-capture", "geolocation", "gyroscope", "hid"),
    *("idle-detection", "magnetometer", "microphone", "midi", "payment", "picture-in-picture"),
    *("screen-wake-lock", "serial", "usb", "xr-spatial-tracking"),
)
_ALWAYS = {
    # Pages hold names, addresses, rows of customers: no cache keeps any, nor the browser's.
    "Cache-Control": "no-store, private",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in _FEATURES),
}


def strict_headers(get_response: Answer) -> Answer:
    """Sets what an answer does not say itself."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        for name, value in _ALWAYS.items():
            response.headers.setdefault(name, value)
        return response

    return middleware
