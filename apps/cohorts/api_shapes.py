"""The shapes of the answers to programs of analysts, for the description."""

from pydantic import BaseModel, Field


class KeyClinicOut(BaseModel):
    id: int
    name: str
    role: str


class KeyOut(BaseModel):
    """What this key is and may, and never the key itself."""

    name: str
    prefix: str = Field(description="The key's first characters after `sctrial_`.")
    scopes: list[str]
    expires_at: str
    person: str = Field(description="User name of the person whose key it is.")
    clinics: list[KeyClinicOut] = Field(description="Where that person works, and as what.")
